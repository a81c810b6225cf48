import { validateHeaderValue } from 'node:http';
import type { Caller, Credential, IdentityAdapter, SessionAnswer } from '../carve-out/identity-adapter.ts';
import type { AskMonolith } from './ask-monolith.ts';
import { createBackendBreaker } from './backend-breaker.ts';

export type Finding =
  | { readonly kind: 'known'; readonly caller: Caller; readonly askedAtMs: number }
  /** `answer` is the monolith's own refusal. */
  | { readonly kind: 'refused'; readonly answer: SessionAnswer }
  /** The monolith did not say. */
  | { readonly kind: 'away' };

export type Questions = {
  /**
   * Joins the question about this credential that is under way, or asks. Never rejects. `persistent`: nothing is known
   * that could stand, so a monolith that may be restarting is waited for.
   */
  ask(key: string, credential: Credential, persistent: boolean): Promise<Finding>;
  /** What is answered to the question under way no longer holds; whoever comes now asks anew. */
  disown(key: string): void;
  disownAll(): void;
};

export type QuestionsOptions = {
  readonly adapter: IdentityAdapter;
  readonly monolith: AskMonolith;
  readonly questionsMax: number;
  readonly monotonicMs: () => number;
  /** A caller was learnt, by a question that nothing disowned since. */
  readonly onKnown: (key: string, finding: Extract<Finding, { kind: 'known' }>) => void;
  /** The monolith no longer vouches for it, by a question that nothing disowned since. */
  readonly onRefused: (key: string) => void;
  readonly onAnswered: () => void;
  readonly onFailed: (cause: unknown) => void;
};

const AWAY: Finding = { kind: 'away' };

/**
 * Questions to the monolith, one at a time for a credential. A question goes on when those who wait for it leave: it
 * has a deadline, and its answer serves the next.
 */
export function createQuestions(options: QuestionsOptions): Questions {
  const { adapter, monolith, questionsMax, monotonicMs, onKnown, onRefused, onAnswered, onFailed } = options;
  const breaker = createBackendBreaker(monotonicMs);
  const underWay = new Map<string, Promise<Finding>>();
  let open = 0;

  const put = async (credential: Credential, persistent: boolean): Promise<Finding> => {
    const { path, headers: always = [] } = adapter.ask;
    const headers = [...always, ...credential.headers];
    try {
      // What cannot be asked is the credential's fault, and says nothing of the monolith.
      for (const [name, value] of headers) validateHeaderValue(name, value);
    } catch (error) {
      onFailed(error);
      return AWAY;
    }
    const may = open < questionsMax ? breaker.mayAsk() : 'no';
    if (may === 'no') return AWAY;
    const askedAtMs = monotonicMs();
    open += 1;
    let answer: SessionAnswer;
    try {
      answer = await monolith.ask(path, headers, persistent && may === 'yes');
    } catch (error) {
      breaker.onFailed();
      onFailed(error);
      return AWAY;
    } finally {
      open -= 1;
    }
    // It is there, whatever it says; a fault about one credential must not keep the others from being asked about.
    breaker.onAnswered();
    try {
      if (answer.status >= 500) throw new Error(`the monolith answered ${answer.status}`);
      const caller = adapter.read(answer, credential);
      onAnswered();
      return caller === null ? { kind: 'refused', answer } : { kind: 'known', caller, askedAtMs };
    } catch (error) {
      onFailed(error);
      return AWAY;
    }
  };

  return {
    ask: (key, credential, persistent) => {
      const joined = underWay.get(key);
      if (joined !== undefined) return joined;
      const question = put(credential, persistent).then((finding) => {
        if (underWay.get(key) !== question) return finding;
        underWay.delete(key);
        if (finding.kind === 'known') onKnown(key, finding);
        if (finding.kind === 'refused') onRefused(key);
        return finding;
      });
      underWay.set(key, question);
      return question;
    },
    disown: (key) => void underWay.delete(key),
    disownAll: () => underWay.clear(),
  };
}

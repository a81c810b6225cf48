import { hash } from 'node:crypto';
import type { Identity } from '../carve-out/identity.ts';
import type { AnsweredRequest, Credential, IdentityAdapter } from '../carve-out/identity-adapter.ts';
import type { RequestHeaders } from '../carve-out/request.ts';
import type { SigningKey } from '../keys/signing-keys.ts';
import type { IdentityAnswer, IdentitySource } from '../translate/identity-source.ts';
import type { AskMonolith } from './ask-monolith.ts';
import { isStillGood, signIdentity } from './identity-token.ts';
import { type CallerEntry, createKnownCallers, type KnownCallersLimits } from './known-callers.ts';
import { createQuestions, type Finding } from './questions.ts';
import { relayable } from './relayable.ts';

export type RememberingSource = IdentitySource & {
  /**
   * Tells of a request that the monolith answered, best before the client has the answer. `status` is undefined where
   * it is not known how it ended.
   */
  onOperationEnd(request: AnsweredRequest, headers: () => RequestHeaders, status: number | undefined): void;
  /** Another replica saw a caller change. `key` is the hash of a credential. */
  forget(key: string): void;
  /** What other replicas saw may have been missed: everything is asked again. */
  forgetFreshness(): void;
  readonly counts: Readonly<IdentityCounts>;
};

export type IdentityCounts = {
  /** Answered from memory. */
  remembered: number;
  /** Questions to the monolith, each about one credential. */
  asked: number;
  /** Answered by a question that somebody else had asked. */
  shared: number;
  relayed: number;
  /** The monolith did not say, and what was known stood. */
  stood: number;
  unavailable: number;
  failed: number;
  forgotten: number;
};

export type IdentitySourceOptions = {
  readonly adapter: IdentityAdapter;
  readonly monolith: AskMonolith;
  readonly signingKey: () => SigningKey;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly monotonicMs: () => number;
  readonly limits: KnownCallersLimits & {
    readonly freshMs: number;
    readonly questionsMax: number;
    /** How long somebody who is known waits to be asked about again, before what is known stands. */
    readonly patienceMs: number;
  };
  /** A credential, by its hash, whose caller changed: for the other replicas. */
  readonly publish: (key: string) => void;
  readonly onAnswered: () => void;
  readonly onFailed: (cause: unknown) => void;
};

/** After a question without an answer: how long what is known stands before the next. */
const AGAIN_MS = 1_000;

/** Learns from the monolith who is calling, and remembers it for seconds. */
export function createIdentitySource(options: IdentitySourceOptions): RememberingSource {
  const { adapter, monolith, signingKey, now, monotonicMs, limits, publish } = options;
  const callers = createKnownCallers(limits);
  const counts: IdentityCounts = {
    remembered: 0,
    asked: 0,
    shared: 0,
    relayed: 0,
    stood: 0,
    unavailable: 0,
    failed: 0,
    forgotten: 0,
  };

  const questions = createQuestions({
    adapter,
    monotonicMs,
    questionsMax: limits.questionsMax,
    monolith: {
      ...monolith,
      ask: (...question) => {
        counts.asked += 1;
        return monolith.ask(...question);
      },
    },
    onKnown: (key, { caller, askedAtMs }) => {
      const freshUntilMs = askedAtMs + limits.freshMs;
      const tokens = callers.get(key)?.tokens;
      const isSame = isSameIdentity(callers.get(key)?.caller.identity, caller.identity);
      callers.put(key, { caller, freshUntilMs, tokens: isSame && tokens ? tokens : new Map() });
    },
    onRefused: (key) => void callers.forget(key),
    onAnswered: options.onAnswered,
    onFailed: (cause) => {
      counts.failed += 1;
      options.onFailed(cause);
    },
  });

  const isAlive = ({ caller: { expiresAt } }: CallerEntry): boolean =>
    expiresAt === null || now() < expiresAt.getTime();

  const tokenFor = (entry: CallerEntry, audience: string): string => {
    const key = signingKey();
    const kept = entry.tokens.get(audience);
    if (kept !== undefined && isStillGood(kept, key, now())) return kept.token;
    const signed = signIdentity(entry.caller.identity, audience, key, now());
    entry.tokens.set(audience, signed);
    return signed.token;
  };

  const answerKnown = (entry: CallerEntry, credential: Credential, audience: string): IdentityAnswer => {
    const { identity, renew } = entry.caller;
    const token = tokenFor(entry, audience);
    if (renew === undefined) return { kind: 'known', identity, token };
    return { kind: 'known', identity, token, renew: (at) => renew(credential, at) };
  };

  const unavailable = (): IdentityAnswer => {
    counts.unavailable += 1;
    return { kind: 'unavailable' };
  };

  const forget = (key: string): void => {
    counts.forgotten += 1;
    callers.forget(key);
    questions.disown(key);
  };

  const readCredential = (read: () => Credential | null): Credential | null => {
    try {
      return read();
    } catch (error) {
      counts.failed += 1;
      options.onFailed(error);
      return null;
    }
  };

  return {
    identify: async ({ headers, audience }, signal) => {
      signal.throwIfAborted();
      const credential = readCredential(() => adapter.credentialOf(headers));
      if (credential === null) return unavailable();
      const key = keyOf(credential);
      const kept = callers.get(key);
      const mayStand = kept !== undefined && isAlive(kept);
      if (mayStand && monotonicMs() < kept.freshUntilMs) {
        counts.remembered += 1;
        return answerKnown(kept, credential, audience);
      }

      const askedBefore = counts.asked;
      const question = questions.ask(key, credential, !mayStand);
      if (counts.asked === askedBefore) counts.shared += 1;
      const finding = await waitFor(question, signal, mayStand ? limits.patienceMs : undefined);
      // As it is now: it may have been put there by the question, or forgotten while it was under way.
      const entry = callers.get(key);
      switch (finding.kind) {
        case 'refused':
          counts.relayed += 1;
          return { kind: 'relay', answer: relayable(finding.answer) };
        case 'known': {
          const found = entry?.caller === finding.caller ? entry : entryOf(finding);
          return answerKnown(found, credential, audience);
        }
        case 'away':
          if (entry === undefined || !isAlive(entry)) return unavailable();
          entry.freshUntilMs = Math.max(entry.freshUntilMs, monotonicMs() + AGAIN_MS);
          counts.stood += 1;
          return answerKnown(entry, credential, audience);
      }
    },
    onOperationEnd: (request, headers, status) => {
      // Refused by the monolith: nobody changed. Anything else, even an unknown end, may have changed them.
      if (status !== undefined && status >= 400 && status < 500) return;
      const credential = readCredential(() => adapter.alteredBy(request, headers));
      if (credential === null) return;
      const key = keyOf(credential);
      forget(key);
      publish(key);
    },
    forget,
    forgetFreshness: () => {
      callers.staleAll();
      questions.disownAll();
    },
    counts,
  };
}

function keyOf(credential: Credential): string {
  return hash('sha256', credential.key, 'hex');
}

/** Of an answer that was disowned: it serves those who had asked, and is kept by nobody. */
function entryOf({ caller }: Extract<Finding, { kind: 'known' }>): CallerEntry {
  return { caller, freshUntilMs: Number.NEGATIVE_INFINITY, tokens: new Map() };
}

function isSameIdentity(one: Identity | undefined, other: Identity): boolean {
  return (
    one !== undefined &&
    one.account === other.account &&
    one.role === other.role &&
    one.name === other.name &&
    one.via === other.via
  );
}

/** Leaves when the signal says so, or patience ends; the question goes on for the others. */
function waitFor(
  question: Promise<Finding>,
  signal: AbortSignal,
  patienceMs: number | undefined,
): Promise<Finding> {
  return new Promise((resolve, reject) => {
    const leave = () => reject(signal.reason);
    signal.addEventListener('abort', leave, { once: true });
    const timer =
      patienceMs === undefined ? undefined : setTimeout(() => resolve({ kind: 'away' }), patienceMs);
    question.then(resolve, reject).finally(() => {
      clearTimeout(timer);
      signal.removeEventListener('abort', leave);
    });
  });
}

import type { Answer, HeaderLine } from '../carve-out/answer.ts';
import type { FailureKind } from '../carve-out/define.ts';
import { ServiceNonsense } from '../carve-out/nonsense.ts';
import type { RequestBody } from '../carve-out/request.ts';
import { ServiceRefusal } from '../carve-out/service-calls.ts';
import type { Exchange } from '../datapath/exchange.ts';
import { gatewayAnswer } from '../datapath/gateway-answer.ts';
import type { LocalAnswer } from '../datapath/local-answer.ts';
import type { ForwardFailure } from '../http/forward.ts';
import type { RequestContext } from '../http/request-context.ts';
import { createDeadline, type Deadline, type Schedule } from '../resilience/deadline.ts';
import { Calls } from './calls.ts';
import { HeadFields } from './head-fields.ts';
import type { IdentitySource, KnownCaller } from './identity-source.ts';
import { failureOfRefusal, ServiceFailure } from './service-failure.ts';
import type { Task } from './task.ts';
import { TranslatedRequest } from './translated-request.ts';

/** What all translations share. */
export type TranslationParts = {
  readonly identity: IdentitySource;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly schedule: Schedule;
  /** To the monolith with a request that was handed over, its decision allowing it. */
  readonly fallBack: (exchange: Exchange, context: RequestContext, failure: ForwardFailure) => void;
  /** Told of what failed inside; nothing of it reaches a client. */
  readonly reportInternal: (context: RequestContext, cause: unknown) => void;
};

/**
 * One request, answered here: who calls, the task's handler, its answer or the answer to its failure. One deadline
 * bounds it until the answer's head is out; a stream goes on without, each of its messages within the same limit.
 */
export class TranslationRun {
  readonly #parts: TranslationParts;
  readonly #task: Task;
  readonly #exchange: Exchange;
  readonly #context: RequestContext;
  readonly #startedAt: Date;
  readonly #headers: HeadFields;
  /** For those who wait for something else than a call. */
  readonly #abort = new AbortController();
  readonly #deadline: Deadline;
  #local: LocalAnswer | undefined = undefined;
  #calls: Calls | undefined = undefined;
  #renewal: readonly HeaderLine[] = NO_LINES;
  /** An answer was chosen; what comes later is for nobody. */
  #isSettled = false;

  constructor(parts: TranslationParts, task: Task, exchange: Exchange, context: RequestContext) {
    this.#parts = parts;
    this.#task = task;
    this.#exchange = exchange;
    this.#context = context;
    this.#startedAt = new Date(parts.now());
    this.#headers = new HeadFields(exchange.head);
    this.#deadline = createDeadline(parts.now, parts.schedule, task.deadlineMs, () => {
      this.#late();
    });
  }

  async run(): Promise<void> {
    const local = this.#exchange.answerHere({
      bodyBytesMax: this.#task.bodyBytesMax,
      onGone: () => this.#gone(),
    });
    this.#local = local;
    try {
      if (local !== undefined) await this.#translate(local);
    } finally {
      this.#deadline.stop();
      this.#calls?.cancel('gone');
    }
  }

  /** Answers as the task does for a service that is away; nobody is asked anything. */
  async refuse(cause: Error): Promise<void> {
    this.#local = this.#exchange.answerHere({ bodyBytesMax: this.#task.bodyBytesMax, onGone: () => {} });
    this.#deadline.stop();
    await this.#fail('unavailable', cause);
  }

  async #translate(local: LocalAnswer): Promise<void> {
    try {
      const question = { headers: this.#headers, audience: this.#task.audience };
      const caller = await this.#parts.identity.identify(question, this.#abort.signal);
      switch (caller.kind) {
        case 'relay':
          return await this.#answer(caller.answer);
        case 'unavailable':
          return await this.#fail('unavailable', new Error('nobody could say who is calling'));
        case 'known':
          return await this.#answer(await this.#handle(local, caller));
      }
    } catch (error) {
      await this.#fail(kindOf(error), error);
    }
  }

  async #handle(local: LocalAnswer, caller: KnownCaller): Promise<Answer> {
    const { link, metadataOf, kind, readParameters, deadlineMs } = this.#task;
    this.#renewal = caller.renew?.(this.#startedAt) ?? NO_LINES;
    this.#calls = new Calls(link, metadataOf(caller.token), {
      isRead: kind === 'read',
      deadlineMs,
      deadlineAt: () => this.#deadline.atMs,
      leftMs: () => this.#deadline.atMs - this.#parts.now(),
      trace: this.#context.trace,
    });
    const { method, target } = this.#exchange.head;
    const request = new TranslatedRequest(method, target, this.#headers, readParameters, () =>
      this.#readBody(local),
    );
    const context = { identity: caller.identity, now: this.#startedAt, signal: this.#abort.signal };
    return this.#task.handle(request, this.#calls, context);
  }

  /** While the client sends, its own limits hold; the deadline counts from the whole request. */
  async #readBody(local: LocalAnswer): Promise<RequestBody> {
    if (this.#exchange.isRequestWhole) return local.readBody();
    this.#deadline.stop();
    const body = await local.readBody();
    if (!this.#isSettled) this.#deadline.restart(this.#task.deadlineMs);
    return body;
  }

  async #answer(answer: Answer): Promise<void> {
    if (this.#isSettled || this.#local === undefined) return;
    this.#isSettled = true;
    this.#deadline.stop();
    try {
      await this.#local.send(answer, this.#startedAt, this.#renewal);
    } catch (error) {
      // Nothing of it was sent: `send` throws only before.
      this.#isSettled = false;
      throw error;
    }
  }

  async #fail(kind: FailureKind | 'gone', cause: unknown): Promise<void> {
    if (this.#isSettled || kind === 'gone') return;
    if (kind === 'unavailable' && this.#fallsBack(cause)) return;
    if (kind === 'internal') this.#parts.reportInternal(this.#context, cause);
    this.#noteFailure(kind === 'unavailable' ? 'unreachable' : kind, cause);
    await this.#answer(this.#task.failure(kind));
  }

  /** Only once the service was to be asked: that nobody could say who is calling is no news of it. */
  #fallsBack(cause: unknown): boolean {
    if (!this.#context.decision.mayFallBack || this.#calls === undefined) return false;
    if (this.#local?.handOver() !== true) return false;
    this.#isSettled = true;
    this.#deadline.stop();
    this.#parts.fallBack(this.#exchange, this.#context, failureBy('unreachable', cause));
    return true;
  }

  #noteFailure(kind: ForwardFailure['kind'], cause: unknown): void {
    this.#context.failure ??= failureBy(kind, cause);
  }

  #late(): void {
    const cause = new Error('the deadline passed');
    this.#calls?.cancel('late');
    this.#abort.abort(cause);
    this.#fail('late', cause).catch((error: unknown) => {
      this.#parts.reportInternal(this.#context, error);
      this.#exchange.answer(gatewayAnswer(504, this.#headers.get('accept')));
    });
  }

  /** The client left. A write that came whole runs on to its deadline; anything else ends. */
  #gone(): void {
    if (this.#isSettled || this.#task.kind === 'read' || !this.#exchange.isRequestWhole) {
      this.#isSettled = true;
      this.#calls?.cancel('gone');
      this.#abort.abort(new Error('the client left'));
    }
  }
}

const NO_LINES: readonly HeaderLine[] = [];

function failureBy(kind: ForwardFailure['kind'], cause: unknown): ForwardFailure {
  return { kind, cause: cause instanceof Error ? cause : new Error(String(cause)) };
}

function kindOf(error: unknown): FailureKind | 'gone' {
  if (error instanceof ServiceFailure) return error.kind;
  if (error instanceof ServiceRefusal) return failureOfRefusal(error);
  return error instanceof ServiceNonsense ? 'unavailable' : 'internal';
}

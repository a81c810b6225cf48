import {
  type ClientReadableStream,
  type Metadata,
  type MethodDefinition,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import { ServiceRefusal } from '../carve-out/service-calls.ts';
import { checkHealth } from '../channels/check-health.ts';
import { type UnaryEnd, unaryCall } from '../channels/unary-call.ts';
import type { CallTrace, RequestTrace } from '../http/request-trace.ts';
import type { Waiter } from '../resilience/bulkhead.ts';
import { readServiceError, ServiceFailure } from './service-failure.ts';
import type { CallOutcome, ServiceLink } from './service-link.ts';

/** How long a service may take to say that it is there, once its breaker has opened. */
const PROBE_MS_MAX = 1_000;

// biome-ignore lint/suspicious/noExplicitAny: a service's messages are its own; the types of a carve-out name them
export type AnyMethod = MethodDefinition<any, any>;

/** The calls of one translation: they carry its identity, end with it, and are counted against the service. */
export class Calls {
  readonly #link: ServiceLink;
  readonly #metadata: Metadata;
  readonly #isRead: boolean;
  readonly #deadlineMs: number;
  /** Milliseconds since the epoch, as gRPC wants it; asked at each call. */
  readonly #deadlineAt: () => number;
  /** Until then. */
  readonly #leftMs: () => number;
  readonly #trace: RequestTrace | undefined;
  /** Whatever must end with the translation. */
  readonly #open = new Set<{ cancel(why?: 'gone' | 'late'): void }>();
  /** Why nobody waits any more. */
  #over: 'gone' | 'late' | undefined = undefined;

  constructor(
    link: ServiceLink,
    metadata: Metadata,
    options: {
      readonly isRead: boolean;
      /** From one message of a stream to the next. */
      readonly deadlineMs: number;
      readonly deadlineAt: () => number;
      readonly leftMs: () => number;
      readonly trace?: RequestTrace | undefined;
    },
  ) {
    this.#link = link;
    this.#metadata = metadata;
    this.#isRead = options.isRead;
    this.#deadlineMs = options.deadlineMs;
    this.#deadlineAt = options.deadlineAt;
    this.#leftMs = options.leftMs;
    this.#trace = options.trace;
  }

  /** Nobody waits any more: what is under way is cancelled, what comes is refused. */
  cancel(why: 'gone' | 'late'): void {
    this.#over ??= why;
    for (const call of this.#open) call.cancel(why);
    this.#open.clear();
  }

  /** Calls of the same caller that end with these, with places and a patience of their own. */
  beside(link: ServiceLink, deadlineMs: number): Calls {
    const calls = new Calls(link, this.#metadata, {
      isRead: this.#isRead,
      deadlineMs,
      deadlineAt: this.#deadlineAt,
      leftMs: this.#leftMs,
      trace: this.#trace,
    });
    if (this.#over !== undefined) calls.cancel(this.#over);
    this.#open.add(calls);
    return calls;
  }

  /**
   * The way of most calls costs one promise; whatever is not at its best goes the longer way. Both keep the same
   * order: the breaker first, since it costs the service nothing; then a place among those under way; then a
   * connection, for a service that is just starting again. `mayRepeat`: whether it does no harm to make it twice.
   */
  unary(method: AnyMethod, request: unknown, mayRepeat = this.#isRead): Promise<unknown> {
    const { retries, breaker, bulkhead, channel } = this.#link;
    retries.onFirstTry();
    if (breaker.state !== 'closed' || !channel.isReady || !bulkhead.tryEnter()) {
      return this.#guarded(method, request).catch((error) => this.#again(error, method, request, mayRepeat));
    }
    return this.#call(method, request, (failure) => {
      bulkhead.leave();
      // What was not sent is sent later, and counted then.
      if (wasNotSent(failure)) breaker.report('withdrawn');
      else this.#count(failure);
    }).catch((error) => this.#again(error, method, request, mayRepeat));
  }

  /** A second try, where one may do: of a read whose service was lost, of anything that was not even sent. */
  async #again(error: unknown, method: AnyMethod, request: unknown, mayRepeat: boolean): Promise<unknown> {
    const mayGo = wasNotSent(error) || (mayRepeat && this.#mayRepeat(error));
    if (!mayGo) throw error;
    return this.#guarded(method, request);
  }

  async *stream(method: AnyMethod, request: unknown): AsyncGenerator<unknown> {
    this.#link.retries.onFirstTry();
    let hasBegun = false;
    try {
      for await (const message of this.#messages(method, request)) {
        hasBegun = true;
        yield message;
      }
      return;
    } catch (error) {
      if (hasBegun || !this.#isRead || !this.#mayRepeat(error)) throw error;
    }
    yield* this.#messages(method, request);
  }

  #mayRepeat(error: unknown): boolean {
    const isRepeatable = error instanceof ServiceFailure && error.mayRepeat;
    return isRepeatable && this.#over === undefined && this.#link.retries.trySpend();
  }

  /** A call that waits for its place and its connection. */
  async #guarded(method: AnyMethod, request: unknown): Promise<unknown> {
    const { channel, bulkhead } = this.#link;
    await this.#enterBreaker();
    let failure: unknown = null;
    try {
      if (!bulkhead.tryEnter()) await this.#turn();
      try {
        await channel.untilReady(this.#leftMs() / 2);
        return await this.#call(method, request);
      } finally {
        bulkhead.leave();
      }
    } catch (error) {
      failure = error;
      throw error;
    } finally {
      this.#count(failure);
    }
  }

  /** `error`: null for an answer. */
  #count(error: unknown): void {
    const outcome = error === null ? 'answered' : this.#outcomeOf(error);
    this.#link.breaker.report(VERDICTS[outcome]);
    this.#link.onCall(outcome);
  }

  #call(method: AnyMethod, request: unknown, onEnd: (failure: unknown) => void = () => {}): Promise<unknown> {
    return new Promise((resolve, reject) => {
      let call: { cancel(): void } | undefined;
      let trace: CallTrace | undefined;
      let isOver = false;
      const fail = (failure: unknown): void => {
        onEnd(failure);
        reject(failure);
      };
      const end: UnaryEnd = (error, response) => {
        isOver = true;
        trace?.end(error === null ? 'OK' : codeName(error.code));
        if (call !== undefined) this.#open.delete(call);
        if (error !== null) {
          fail(this.#over === undefined ? readServiceError(error) : this.#cancelled(error));
          return;
        }
        onEnd(null);
        resolve(response);
      };
      if (this.#over !== undefined) {
        fail(this.#cancelled());
        return;
      }
      try {
        const { client } = this.#link.channel;
        trace = this.#trace?.toService(method.path);
        call = unaryCall(client, method, request, this.#metadataOf(trace), this.#deadlineAt(), end);
        if (!isOver) this.#open.add(call);
      } catch (error) {
        trace?.end('UNAVAILABLE');
        // The channel is closed: the gateway is stopping.
        fail(new ServiceFailure('unavailable', 'no call can be made', { cause: error, isOurs: true }));
      }
    });
  }

  async *#messages(method: AnyMethod, request: unknown): AsyncGenerator<unknown> {
    const { channel, breaker, streams, onCall } = this.#link;
    await this.#enterBreaker();
    if (!streams.tryEnter()) {
      breaker.report('withdrawn');
      onCall('refused-here');
      throw new ServiceFailure('unavailable', 'too many streams are under way', { isOurs: true });
    }
    let outcome: CallOutcome = 'gone';
    let isAwaited = true;
    let hasLeft = false;
    const leave = (): void => {
      if (hasLeft) return;
      hasLeft = true;
      streams.leave();
      breaker.report(VERDICTS[outcome]);
      onCall(outcome);
    };
    let open: { cancel(): void } | undefined;
    try {
      if (!channel.isReady) await channel.untilReady(this.#leftMs() / 2);
      if (this.#over !== undefined) throw this.#cancelled();
      const { path, requestSerialize, responseDeserialize } = method;
      const trace = this.#trace?.toService(path);
      const stream = channel.client.makeServerStreamRequest(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        this.#metadataOf(trace),
        {},
      );
      if (trace !== undefined) stream.on('status', ({ code }) => trace.end(codeName(code)));
      open = {
        cancel: () => {
          stream.cancel();
          // Whoever has read some of it and neither reads on nor closes it never comes to the end of this.
          if (!isAwaited) leave();
        },
      };
      this.#open.add(open);
      // Its last error may come when nobody reads any more.
      stream.on('error', () => {});
      const messages = stream[Symbol.asyncIterator]();
      for (;;) {
        const { done, value } = await this.#next(stream, messages);
        if (done) break;
        isAwaited = false;
        yield value;
        isAwaited = true;
      }
      outcome = 'answered';
    } catch (error) {
      outcome = this.#outcomeOf(error);
      throw error;
    } finally {
      if (open !== undefined) {
        this.#open.delete(open);
        open.cancel();
      }
      leave();
    }
  }

  /** A message, within the deadline from when it was asked for. A stream as a whole has none. */
  async #next(
    stream: ClientReadableStream<unknown>,
    messages: AsyncIterator<unknown>,
  ): Promise<IteratorResult<unknown>> {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      stream.cancel();
    }, this.#deadlineMs);
    try {
      return await messages.next();
    } catch (error) {
      if (isLate) throw new ServiceFailure('late', 'no message came in time', { cause: error });
      if (this.#over !== undefined) throw this.#cancelled(error);
      throw readServiceError(error as ServiceError);
    } finally {
      clearTimeout(timer);
    }
  }

  /** What all calls of a caller share, and what only this one has. */
  #metadataOf(trace: CallTrace | undefined): Metadata {
    if (trace === undefined) return this.#metadata;
    const metadata = this.#metadata.clone();
    for (const [key, value] of trace.fields) metadata.set(key, value);
    return metadata;
  }

  /**
   * A caller that is to be the probe of a breaker that opened may have to wait for a service that hangs. So the
   * service is asked first, by us and for a short time, whether it is there.
   */
  async #enterBreaker(): Promise<void> {
    const { breaker, channel } = this.#link;
    if (!breaker.tryEnter()) throw this.#refusedHere('the breaker is open');
    if (breaker.state === 'closed') return;
    if (await checkHealth(channel, Math.min(PROBE_MS_MAX, this.#leftMs()))) return;
    breaker.report('failure');
    throw this.#refusedHere('the service did not answer a question for its health');
  }

  #refusedHere(why: string): ServiceFailure {
    this.#link.onCall('refused-here');
    return new ServiceFailure('unavailable', why, { isOurs: true });
  }

  /** Waits for a place among the calls under way, as long as the translation lasts. */
  #turn(): Promise<void> {
    const { bulkhead } = this.#link;
    return new Promise((resolve, reject) => {
      if (this.#over !== undefined) {
        reject(this.#cancelled());
        return;
      }
      const place = {
        grant: (): void => {
          this.#open.delete(place);
          resolve();
        },
        cancel: (): void => {
          bulkhead.withdraw(place);
          reject(this.#cancelled());
        },
      } satisfies Waiter & { cancel(): void };
      if (bulkhead.wait(place)) this.#open.add(place);
      else reject(new ServiceFailure('unavailable', 'too many calls are under way', { isOurs: true }));
    });
  }

  #outcomeOf(error: unknown): CallOutcome {
    if (error instanceof ServiceRefusal) return 'refused';
    if (!(error instanceof ServiceFailure)) return 'internal';
    return error.isOurs ? 'refused-here' : error.kind;
  }

  #cancelled(cause?: unknown): ServiceFailure {
    return new ServiceFailure(this.#over ?? 'gone', 'nobody waits for it any more', { cause });
  }
}

const codeName = (code: number): string => status[code] ?? 'UNKNOWN';

function wasNotSent(failure: unknown): boolean {
  return failure instanceof ServiceFailure && failure.wasNotSent;
}

/** What a call's end says to the breaker. A service that refuses, or fails on one request, is there. */
const VERDICTS = {
  answered: 'success',
  refused: 'success',
  internal: 'success',
  unavailable: 'failure',
  late: 'failure',
  gone: 'withdrawn',
  'refused-here': 'withdrawn',
} as const satisfies Record<CallOutcome, 'success' | 'failure' | 'withdrawn'>;

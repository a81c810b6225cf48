import type { Metadata } from '@grpc/grpc-js';
import type { Doorkeeper } from './access.ts';
import { RpcError, refusalOf, refuse, type WireStatus, wireStatus } from './errors.ts';
import type { AnyMethod, CallContext, ServedService } from './handlers.ts';
import type { Logger } from './logger.ts';
import type { Metrics } from './metrics.ts';
import type { Tracing } from './tracing.ts';

export type ServerLimits = {
  /** Of a request and of an answer, each. */
  readonly messageBytesMax: number;
  /** The most that a call may take, and what it gets where its caller set no deadline. */
  readonly unaryDeadlineMs: number;
  readonly streamDeadlineMs: number;
  /** How long a stop waits for calls in flight. */
  readonly drainMs: number;
  /** Connections are told to end after this, so that clients spread over replicas again. */
  readonly connectionAgeMs: number;
};

/** What the calls of one server share. */
export type ServerEnvironment = {
  readonly limits: ServerLimits;
  readonly logger: Logger;
  readonly metrics: Metrics | null;
  readonly tracing: Tracing | null;
  readonly now: () => Date;
  readonly newId: () => string;
  readonly admit: Doorkeeper;
  readonly draining: AbortSignal;
  /** Calls that are not over, each to be cut off by a drain that has run out of time. */
  readonly open: Set<{ cutOff(): void }>;
  /** Handlers that have not returned; those of calls that are over among them. */
  readonly running: Set<Promise<void>>;
};

export type Transport = {
  readonly metadata: Metadata;
  readonly cancelled: boolean;
  getDeadline(): Date | number;
  on(event: 'cancelled', listener: () => void): unknown;
};

/** A call is over once: with the first of success and failure, whichever comes. */
export type RunningCall = {
  readonly signal: AbortSignal;
  /** The context for the handler. Throws for whoever may not call. */
  authorize(): CallContext;
  /** True if the answer is to be sent. */
  succeed(): boolean;
  /** The status to send, or null when the call was over already. */
  fail(error: unknown): WireStatus | null;
  track(handling: Promise<void>): void;
  /** Runs what handles the call, so that calls which that makes are in the same trace. */
  run<T>(handle: () => T): T;
};

const TIMER_MS_MAX = 2_147_483_647;
/** A caller that goes at its deadline may go a little before ours. */
const DEADLINE_SLACK_MS = 20;

export function openCall(
  method: AnyMethod,
  service: ServedService,
  transport: Transport,
  environment: ServerEnvironment,
  deadlineMs: number,
): RunningCall {
  const { now, metrics, tracing, open, running, draining, admit } = environment;
  const callId = environment.newId();
  const startedAt = performance.now();
  const deadline = deadlineOf(transport.getDeadline(), now(), deadlineMs);
  const logger = environment.logger.child({ callId, method: method.path });
  const ending = new AbortController();
  let isOver = false;

  const expire = (): void => ending.abort(refuse('DEADLINE_EXCEEDED', 'DEADLINE_EXCEEDED'));
  const remainingMs = Math.min(Math.max(deadline.getTime() - now().getTime(), 0), TIMER_MS_MAX);
  const timer = setTimeout(expire, remainingMs);
  const self = {
    cutOff: () => ending.abort(refuse('UNAVAILABLE', 'SERVER_STOPPING', { retryAfterSeconds: 1 })),
  };
  open.add(self);
  metrics?.onCallStart();
  const span = isTraced(method, service) ? tracing?.received(method.path, transport.metadata) : undefined;
  // grpc-js emits this at its own deadline too, and at the end of every call.
  transport.on('cancelled', () => {
    if (isOver) return;
    if (now().getTime() >= deadline.getTime() - DEADLINE_SLACK_MS) expire();
    else ending.abort(refuse('CANCELLED', 'CANCELLED', { message: 'the caller has gone' }));
  });

  const close = (code: string): void => {
    clearTimeout(timer);
    open.delete(self);
    span?.end(code);
    metrics?.onCallEnd({ method: method.path, code, durationMs: performance.now() - startedAt });
    // Whatever the handler still has going on behalf of this call ends with it.
    ending.abort(refuse('CANCELLED', 'CALL_OVER'));
  };

  return {
    signal: ending.signal,
    authorize: () => ({
      identity: admit(service.access, transport.metadata) as CallContext['identity'],
      signal: ending.signal,
      draining,
      deadline,
      logger,
      metadata: transport.metadata,
      callId,
      method: method.path,
    }),
    succeed() {
      if (isOver) return false;
      isOver = true;
      close('OK');
      return true;
    },
    fail(error) {
      if (isOver) {
        if (!isEnding(error)) logger.debug({ err: error }, 'a handler failed after its call was over');
        return null;
      }
      isOver = true;
      // What a handler throws because its signal was aborted says less than the reason of that.
      const refusal = ending.signal.aborted
        ? (ending.signal.reason as RpcError)
        : refusalOf(error, { callId, method: method.path, logger });
      close(refusal.code);
      return wireStatus(refusal);
    },
    track(handling) {
      running.add(handling);
      void handling.finally(() => running.delete(handling));
    },
    run: (handle) => (tracing && span ? tracing.within(span, handle) : handle()),
  };
}

/** Neither the questions after health nor streams without an end of their own, which last for minutes. */
function isTraced(method: AnyMethod, service: ServedService): boolean {
  const isEndless = method.responseStream && service.streamDeadlineMs !== undefined;
  return service.access !== 'open' && !isEndless;
}

function isEnding(error: unknown): boolean {
  return error instanceof RpcError || (error instanceof Error && error.name === 'AbortError');
}

function deadlineOf(given: Date | number, now: Date, mostMs: number): Date {
  const most = now.getTime() + mostMs;
  const wanted = typeof given === 'number' ? given : given.getTime();
  return new Date(Number.isFinite(wanted) ? Math.min(wanted, most) : most);
}

import type { Refusal } from '../datapath/refusal.ts';
import type { Decision } from '../rollout/decision.ts';
import type { Operation } from '../routing/operation.ts';
import type { ForwardFailure } from './forward.ts';

/** What the gateway knows of one request. Made when its head has been read, counted and logged when it is over. */
export type RequestContext = {
  readonly id: string;
  readonly method: string;
  /** As received. Never logged whole: its query may hold secrets. */
  readonly target: string;
  readonly operation: Operation | undefined;
  readonly decision: Decision;
  /** Milliseconds of a monotonic clock. */
  readonly startMs: number;
  readonly upgrade: boolean;
  /** Of its backend; set by whoever dealt with it. */
  failure: ForwardFailure | undefined;
};

/** How a request ended: answered whole, or cut off by either side. */
export type RequestOutcome = 'complete' | 'aborted';

export type RequestEnd = {
  /** Undefined where the client left before there was an answer. */
  readonly status: number | undefined;
  readonly outcome: RequestOutcome;
  /** Sent to the client, head included. */
  readonly sentBytes: number;
  readonly durationMs: number;
};

/** Told of every request; what observes is chosen in the composition. */
export type RequestObserver = {
  /** Refused before it was a request: it has no context and no end. */
  onRefused(refusal: Refusal): void;
  onStart(context: RequestContext): void;
  onEnd(context: RequestContext, end: RequestEnd): void;
};

import type { Refusal } from '../datapath/refusal.ts';
import type { Backend, Decision } from '../rollout/decision.ts';
import type { Override } from '../rollout/override.ts';
import type { Operation } from '../routing/operation.ts';
import type { ForwardFailure } from './forward.ts';
import type { RequestTrace } from './request-trace.ts';

/**
 * What the gateway knows of one request. Made when it has been decided what becomes of it, counted and logged when it
 * is over.
 */
export type RequestContext = {
  readonly id: string;
  readonly method: string;
  /** As received. Never logged whole: its query may hold secrets. */
  readonly target: string;
  readonly operation: Operation | undefined;
  readonly decision: Decision;
  /** Of the snapshot that the decision was taken by; 0 where there are no flags. */
  readonly flagsVersion: number;
  /** Verified. What it came to is in the decision. */
  readonly override: Override | undefined;
  /** Undefined where nothing is traced. */
  readonly trace: RequestTrace | undefined;
  /** Milliseconds of a monotonic clock; when its head had been read. */
  readonly startMs: number;
  readonly upgrade: boolean;
  /** Who answers: the decision's backend, or the monolith in its place. */
  servedBy: Backend;
  /** The service could not be reached, so that the monolith answers in its place. */
  fellBack: boolean;
  /** Of whoever answers; set by whoever dealt with it. */
  failure: ForwardFailure | undefined;
  /** Why the service did not answer where the monolith does. */
  serviceFailure: ForwardFailure | undefined;
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

import type { ServiceChannel } from '../channels/service-channel.ts';
import type { Breaker } from '../resilience/breaker.ts';
import type { Bulkhead } from '../resilience/bulkhead.ts';
import type { RetryBudget } from '../resilience/retry-budget.ts';

/** What all calls of one service share. */
export type ServiceLink = {
  readonly channel: ServiceChannel;
  readonly breaker: Breaker;
  /** Of unary calls. */
  readonly bulkhead: Bulkhead;
  /** Of streams, which may last as long as their clients read. */
  readonly streams: Bulkhead;
  readonly retries: RetryBudget;
  /** Told of every call that ended: for counting. */
  readonly onCall: (outcome: CallOutcome) => void;
};

/** `refused-here`: the breaker was open, or too many were under way. */
export const CALL_OUTCOMES = [
  'answered',
  'refused',
  'unavailable',
  'late',
  'internal',
  'gone',
  'refused-here',
] as const;
export type CallOutcome = (typeof CALL_OUTCOMES)[number];

export const CALLS_MAX = { activeMax: 512, waitingMax: 512 };
export const STREAMS_MAX = { activeMax: 256, waitingMax: 0 };

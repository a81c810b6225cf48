import { type RpcCode, type RpcError, refuse } from '@banyan/service-kit/errors';
import { type Reason, Refusal } from '../domain/refusal.ts';

export const DOMAIN = 'booking';

/** What a caller that knows nothing of the reason may make of it, and when to come again, where that may help. */
export const CODES = {
  ROLE_FORBIDDEN: { code: 'PERMISSION_DENIED' },
  BOOKING_NOT_FOUND: { code: 'NOT_FOUND' },
  INVALID_FIELD: { code: 'INVALID_ARGUMENT' },
  FLIGHT_NOT_FOUND: { code: 'INVALID_ARGUMENT' },
  ACCOUNT_NOT_FOUND: { code: 'INVALID_ARGUMENT' },
  SEAT_NOT_ON_AIRCRAFT: { code: 'INVALID_ARGUMENT' },
  SEAT_TAKEN: { code: 'FAILED_PRECONDITION' },
  FLIGHT_CLOSED: { code: 'FAILED_PRECONDITION' },
  FLIGHT_FULL: { code: 'FAILED_PRECONDITION' },
  FLIGHT_DEPARTED: { code: 'FAILED_PRECONDITION' },
  ALREADY_FINAL: { code: 'FAILED_PRECONDITION' },
  NOT_ACTIVE: { code: 'FAILED_PRECONDITION' },
  VERSION_MISMATCH: { code: 'ABORTED' },
  HOLD_OVER: { code: 'FAILED_PRECONDITION' },
  FACTS_UNAVAILABLE: { code: 'UNAVAILABLE', retryAfterSeconds: 2 },
  IDEMPOTENCY_KEY_REUSED: { code: 'INVALID_ARGUMENT' },
  IDEMPOTENCY_KEY_IN_USE: { code: 'ABORTED', retryAfterSeconds: 1 },
  ONLY_AS_JOB: { code: 'FAILED_PRECONDITION' },
  EVENT_MALFORMED: { code: 'INVALID_ARGUMENT' },
  WATCH_INTERRUPTED: { code: 'UNAVAILABLE', retryAfterSeconds: 1 },
  WATCHER_TOO_SLOW: { code: 'RESOURCE_EXHAUSTED' },
  NOT_THE_OWNER: { code: 'FAILED_PRECONDITION', retryAfterSeconds: 1 },
} as const satisfies Record<Reason, { readonly code: RpcCode; readonly retryAfterSeconds?: number }>;

export function toRpcError(refusal: Refusal): RpcError {
  const { reason, metadata, faults, cause } = refusal;
  const { code, ...when } = CODES[reason];
  const violations = faults.map(({ field, rule }) => ({ field, description: rule }));
  return refuse(code, reason, { ...when, domain: DOMAIN, metadata, violations, cause });
}

/** A handler whose refusals leave as statuses. */
export function answering<Args extends readonly unknown[], Response>(
  handle: (...args: Args) => Promise<Response>,
): (...args: Args) => Promise<Response> {
  return async (...args) => {
    try {
      return await handle(...args);
    } catch (error) {
      throw error instanceof Refusal ? toRpcError(error) : error;
    }
  };
}

/** The same for a stream. */
export function streaming<Args extends readonly unknown[], Response>(
  handle: (...args: Args) => AsyncIterable<Response>,
): (...args: Args) => AsyncGenerator<Response> {
  return async function* (...args) {
    try {
      yield* handle(...args);
    } catch (error) {
      throw error instanceof Refusal ? toRpcError(error) : error;
    }
  };
}

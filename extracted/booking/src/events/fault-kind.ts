import { type FaultKind, faultKindOf } from '@banyan/service-kit/queues/faults';
import { type Reason, Refusal } from '../domain/refusal.ts';

/** The refusals that an event can meet. */
const KINDS: Partial<Record<Reason, FaultKind>> = {
  EVENT_MALFORMED: 'refused',
  // Its new owner takes it.
  NOT_THE_OWNER: 'away',
  FACTS_UNAVAILABLE: 'away',
  // Nothing promises an order, so its booking may be yet to come; one that never comes is a mistake.
  BOOKING_NOT_FOUND: 'unexpected',
};

/** Why an event was not taken, which decides whether and when it is tried again. */
export function faultKindOfIntake(error: unknown): FaultKind {
  if (error instanceof Refusal) return KINDS[error.reason] ?? 'unexpected';
  return faultKindOf(error);
}

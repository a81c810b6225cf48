/** Why this service does not do what it is asked for, as a value. Never renamed: callers decide by it. */
export const REASONS = [
  'ROLE_FORBIDDEN',
  'BOOKING_NOT_FOUND',
  'INVALID_FIELD',
  'FLIGHT_NOT_FOUND',
  'ACCOUNT_NOT_FOUND',
  'SEAT_NOT_ON_AIRCRAFT',
  'SEAT_TAKEN',
  'FLIGHT_CLOSED',
  'FLIGHT_FULL',
  'FLIGHT_DEPARTED',
  'ALREADY_FINAL',
  'NOT_ACTIVE',
  'VERSION_MISMATCH',
  'HOLD_OVER',
  'FACTS_UNAVAILABLE',
  'IDEMPOTENCY_KEY_REUSED',
  'IDEMPOTENCY_KEY_IN_USE',
  'ONLY_AS_JOB',
  'EVENT_MALFORMED',
  'WATCH_INTERRUPTED',
  'WATCHER_TOO_SLOW',
  'NOT_THE_OWNER',
] as const;
export type Reason = (typeof REASONS)[number];

export const RULES = [
  'required',
  'invalid',
  'choice',
  'characters',
  'too_long',
  'email',
  'count',
  'seat',
  'seat_not_on_aircraft',
  'seat_twice',
  'infant_without_seat',
  'frequent_flyer',
  'no_adult',
  'too_many_infants',
  'passenger_unknown',
  'passenger_twice',
  'not_found',
] as const;
export type Rule = (typeof RULES)[number];

/** A field of a request that breaks a rule; `field` is its path in the message, as in `passengers[0].seat`. */
export type Fault = {
  readonly field: string;
  readonly rule: Rule;
  readonly metadata?: Readonly<Record<string, string>>;
};

export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly reason: Reason;
  readonly metadata: Readonly<Record<string, string>>;
  readonly faults: readonly Fault[];

  constructor(
    reason: Reason,
    details: {
      readonly metadata?: Readonly<Record<string, string>>;
      readonly faults?: readonly Fault[];
      readonly cause?: unknown;
    } = {},
  ) {
    super(reason, details.cause === undefined ? undefined : { cause: details.cause });
    this.reason = reason;
    this.metadata = details.metadata ?? {};
    this.faults = details.faults ?? [];
  }
}

/** The refusal of a request with faults: reason and metadata tell the first, the list has all. */
export function refusalOfFaults(faults: readonly [Fault, ...Fault[]]): Refusal {
  const [{ field, rule, metadata }] = faults;
  return new Refusal(reasonOf(faults[0]), { metadata: { field, rule, ...metadata }, faults });
}

function reasonOf({ field, rule }: Fault): Reason {
  if (rule === 'seat_not_on_aircraft') return 'SEAT_NOT_ON_AIRCRAFT';
  if (rule === 'not_found') return field === 'account_id' ? 'ACCOUNT_NOT_FOUND' : 'FLIGHT_NOT_FOUND';
  return 'INVALID_FIELD';
}

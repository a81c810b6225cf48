import {
  type Answer,
  expressRaw,
  type FailureKind,
  type HeaderLine,
  weakEtag,
} from '@banyan/gateway/carve-out';

/** Every way in which the API refuses; the status belongs to the kind, the words to the place that refuses. */
export const REFUSALS = {
  bad_request: 400,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  precondition_failed: 412,
  too_large: 413,
  unsupported_media_type: 415,
  range_not_satisfiable: 416,
  invalid: 422,
  internal: 500,
  unavailable: 503,
} as const;
export type RefusalKind = keyof typeof REFUSALS;

/** A fault of one field, as billing lists them; field null where no field is to blame. */
export type Fault = { readonly field: string | null; readonly msg: string };

/** Two generations of this API, two shapes of an error. */
export type Family = 'bookings' | 'billing';

export type RefusalDetails = {
  /** Billing's list; without it the message stands alone with field null. */
  readonly faults?: readonly Fault[];
  readonly retryAfterSeconds?: number;
  readonly headers?: readonly HeaderLine[];
};

/** An answer that is not the success of the operation: thrown where it is found, written once (`refusalAnswer`). */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly kind: RefusalKind;
  readonly details: RefusalDetails;

  constructor(kind: RefusalKind, message: string, details: RefusalDetails = {}) {
    super(message);
    this.kind = kind;
    this.details = details;
  }
}

/** Billing's 422: all faults at once. */
export function invalidFields(faults: readonly Fault[]): Refusal {
  return new Refusal('invalid', 'The request is not valid.', { faults });
}

/** A refusal of billing's that blames one field. */
export function refusedField(
  kind: RefusalKind,
  field: string | null,
  message: string,
  retryAfterSeconds?: number,
): Refusal {
  const retry = retryAfterSeconds === undefined ? {} : { retryAfterSeconds };
  return new Refusal(kind, message, { faults: [{ field, msg: message }], ...retry });
}

const BODIES = {
  bookings: (refusal) => ({
    status: 'error',
    code: `BKG-${REFUSALS[refusal.kind]}`,
    message: refusal.message,
  }),
  billing: (refusal) => ({ errors: refusal.details.faults ?? [{ field: null, msg: refusal.message }] }),
} satisfies Record<Family, (refusal: Refusal) => object>;

/** Errors are never 304, whatever the request's conditions: Express asks for freshness of a 2xx alone. */
export function refusalAnswer(family: Family, refusal: Refusal): Answer {
  const body = Buffer.from(JSON.stringify(BODIES[family](refusal)));
  const { headers = [], retryAfterSeconds } = refusal.details;
  const retry: readonly HeaderLine[] =
    retryAfterSeconds === undefined ? [] : [['Retry-After', String(retryAfterSeconds)]];
  const content: readonly HeaderLine[] = [
    ['Content-Type', 'application/json; charset=utf-8'],
    ['Content-Length', String(body.length)],
    ['ETag', weakEtag(body)],
  ];
  return expressRaw(REFUSALS[refusal.kind], [...headers, ...retry, ...content], body);
}

/** 403 unless the caller's role is one of these. */
export function requireRole(identity: { readonly role: string }, ...roles: readonly string[]): void {
  if (!roles.includes(identity.role)) throw roleForbidden();
}

export function roleForbidden(): Refusal {
  return new Refusal('forbidden', 'Your role may not do this.');
}

export function unavailable(): Refusal {
  const message = 'The service is unavailable. Please try again later.';
  return new Refusal('unavailable', message, { retryAfterSeconds: 5 });
}

export function tooManyExports(): Refusal {
  const message = 'Too many exports are running. Please try again later.';
  return new Refusal('unavailable', message, { retryAfterSeconds: 5 });
}

/** What a family answers where there is no answer to translate. */
export function failureAnswer(family: Family, kind: FailureKind): Answer {
  if (kind !== 'internal') return refusalAnswer(family, unavailable());
  return refusalAnswer(family, new Refusal('internal', 'Something went wrong. Please try again later.'));
}

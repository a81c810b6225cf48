/** Every way to refuse a request; the status belongs to the kind, the words to the place that refuses. */
export const REFUSALS = {
  bad_request: 400,
  unauthorized: 401,
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
export type Fault = { field: string | null; msg: string };

export type RefusalDetails = {
  /** General family: replaces the kind as `error`. */
  code?: string;
  /** General family: third key of a 422. */
  field?: string;
  /** Billing family: the list; without it the message stands alone with field null. */
  faults?: readonly Fault[];
  retryAfterSeconds?: number;
  headers?: Readonly<Record<string, string>>;
};

/**
 * An answer that is not the success of the operation. Handlers throw it; one middleware writes it in the shape
 * of the operation's family (`families.ts`). The message is meant for the client.
 */
export class Refusal extends Error {
  readonly kind: RefusalKind;
  readonly details: RefusalDetails;

  constructor(kind: RefusalKind, message: string, details: RefusalDetails = {}) {
    super(message);
    this.name = 'Refusal';
    this.kind = kind;
    this.details = details;
  }

  get status(): number {
    return REFUSALS[this.kind];
  }
}

/** 422 of the general family: the first fault, with its field. */
export function invalidField(field: string, message: string): Refusal {
  return new Refusal('invalid', message, { field });
}

/** 422 of the billing family: all faults at once. */
export function invalidFields(faults: readonly Fault[]): Refusal {
  return new Refusal('invalid', 'The request is not valid.', { faults });
}

/** 409 or another refusal of the billing family that blames one field. */
export function refusedField(kind: RefusalKind, field: string | null, message: string): Refusal {
  return new Refusal(kind, message, { faults: [{ field, msg: message }] });
}

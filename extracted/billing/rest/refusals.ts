import { type Answer, ServiceRefusal } from '@banyan/gateway/carve-out';
import { keyInUse, keyReused } from '@meridian/habits/idempotency-key';
import {
  type Fault,
  invalidFields,
  Refusal,
  refusalAnswer,
  refusedField,
  roleForbidden,
  tooManyExports,
  unavailable,
} from '@meridian/habits/refusal';

const NO_INVOICE = 'No such invoice.';

/** What billing refuses, in the contract's words. The reasons are those that the proto lists. */
const WORDS: Readonly<Record<string, (refusal: ServiceRefusal) => Refusal>> = {
  ROLE_FORBIDDEN: () => roleForbidden(),
  INVOICE_NOT_FOUND: () => new Refusal('not_found', NO_INVOICE),
  PAYMENT_NOT_FOUND: () => noSuchPayment(),
  FOREIGN_INVOICE: () => new Refusal('forbidden', 'This invoice belongs to another account.'),
  INVALID_FIELDS: ({ violations }) =>
    invalidFields(violations.map(({ field, description }) => ({ field, msg: description }))),
  INVOICE_VOID: () => refusedField('conflict', 'invoice', 'Invoice is void.'),
  INVOICE_PAID: () => refusedField('conflict', 'invoice', 'Invoice is already paid.'),
  HOLD_OVER: () => refusedField('conflict', 'invoice', "The booking's hold has expired."),
  PAYMENT_IN_PROGRESS: () => refusedField('conflict', 'invoice', 'A payment is in progress.'),
  NOT_REFUNDABLE: () => refusedField('conflict', 'payment', 'Payment was not approved.'),
  NOTHING_LEFT: () => refusedField('conflict', 'payment', 'Nothing is left to refund.'),
  REFUND_DECLINED: () => refusedField('conflict', 'payment', 'The acquirer refused the refund.'),
  MORE_THAN_LEFT: ({ metadata }) =>
    invalidFields([{ field: 'amount', msg: `Only ${metadata.left} is left to refund.` }]),
  OUTCOME_UNKNOWN: () =>
    new Refusal(
      'unavailable',
      'The outcome is not known yet. Please look at the invoice before you try again.',
      {
        retryAfterSeconds: 10,
      },
    ),
  IDEMPOTENCY_KEY_REUSED: () => keyReused(),
  IDEMPOTENCY_KEY_IN_USE: () => keyInUse(),
  TOO_MANY_STREAMS: () => tooManyExports(),
  CONSENT_UNAVAILABLE: () => unavailable(),
  DATABASE_UNAVAILABLE: () => unavailable(),
  DEPENDENCY_UNAVAILABLE: () => unavailable(),
  NOT_THE_OWNER: () => unavailable(),
};

/** Words that differ from operation to operation. */
export type OwnWords = {
  /** Where an invoice is looked for by something else than its id. */
  readonly noInvoice?: string;
  /** What the acquirer's absence left undone. */
  readonly notMoved?: string;
};

/**
 * Runs a handler; what it refuses, or the service does, becomes billing's answer. A refusal without words here is the
 * service's fault, and so the gateway's to answer.
 */
export async function inBillingsWords(handle: () => Promise<Answer>, own: OwnWords = {}): Promise<Answer> {
  try {
    return await handle();
  } catch (error) {
    if (error instanceof Refusal) return refusalAnswer('billing', error);
    if (!(error instanceof ServiceRefusal)) throw error;
    if (error.reason === 'INVOICE_NOT_FOUND' && own.noInvoice !== undefined) {
      return refusalAnswer('billing', new Refusal('not_found', own.noInvoice));
    }
    if (error.reason === 'ACQUIRER_UNAVAILABLE') {
      const message = `The payment service is unavailable. ${own.notMoved ?? 'Nothing was charged.'}`;
      return refusalAnswer('billing', new Refusal('unavailable', message, { retryAfterSeconds: 5 }));
    }
    const words = WORDS[error.reason];
    if (words === undefined) throw error;
    return refusalAnswer('billing', words(error));
  }
}

export function noSuchInvoice(): Refusal {
  return new Refusal('not_found', NO_INVOICE);
}

export function noSuchPayment(): Refusal {
  return new Refusal('not_found', 'No such payment.');
}

export function refuseAny(faults: readonly Fault[]): void {
  if (faults.length > 0) throw invalidFields(faults);
}

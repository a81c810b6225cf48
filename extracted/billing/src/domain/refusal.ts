/** Why this service does not do what it is asked for, as a value. Never renamed: callers decide by it. */
export const REASONS = [
  'ROLE_FORBIDDEN',
  'INVOICE_NOT_FOUND',
  'PAYMENT_NOT_FOUND',
  'STATEMENT_NOT_FOUND',
  'FOREIGN_INVOICE',
  'INVALID_FIELDS',
  'ACCOUNT_NOT_FOUND',
  'INVOICE_VOID',
  'INVOICE_PAID',
  'HOLD_OVER',
  'PAYMENT_IN_PROGRESS',
  'NOT_REFUNDABLE',
  'NOTHING_LEFT',
  'MORE_THAN_LEFT',
  'REFUND_DECLINED',
  'ACQUIRER_UNAVAILABLE',
  'OUTCOME_UNKNOWN',
  'CONSENT_UNAVAILABLE',
  'IDEMPOTENCY_KEY_REUSED',
  'IDEMPOTENCY_KEY_IN_USE',
  'EVENT_MALFORMED',
  'NOT_THE_OWNER',
] as const;
export type Reason = (typeof REASONS)[number];

/** A field of a request that breaks a rule; `field` by its name in the contract. */
export type Fault = { readonly field: string; readonly rule: Rule };

export const RULES = [
  'required',
  'invalid',
  'expired',
  'characters',
  'too_long',
  'not_the_total',
  'not_found',
] as const;
export type Rule = (typeof RULES)[number];

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
    const metadata = details.metadata ?? {};
    const message = [reason, ...Object.entries(metadata).map(([name, value]) => `${name}=${value}`)].join(
      ' ',
    );
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.reason = reason;
    this.metadata = metadata;
    this.faults = details.faults ?? [];
  }
}

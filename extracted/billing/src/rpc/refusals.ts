import { type RpcCode, type RpcError, refuse } from '@banyan/service-kit/errors';
import type { Reason, Refusal } from '../domain/refusal.ts';

export const DOMAIN = 'billing';

/** What a caller that knows nothing of the reason may make of it, and when to come again, where that may help. */
const CODES = {
  ROLE_FORBIDDEN: { code: 'PERMISSION_DENIED' },
  INVOICE_NOT_FOUND: { code: 'NOT_FOUND' },
  PAYMENT_NOT_FOUND: { code: 'NOT_FOUND' },
  STATEMENT_NOT_FOUND: { code: 'NOT_FOUND' },
  FOREIGN_INVOICE: { code: 'PERMISSION_DENIED' },
  INVALID_FIELDS: { code: 'INVALID_ARGUMENT' },
  ACCOUNT_NOT_FOUND: { code: 'INVALID_ARGUMENT' },
  INVOICE_VOID: { code: 'FAILED_PRECONDITION' },
  INVOICE_PAID: { code: 'FAILED_PRECONDITION' },
  HOLD_OVER: { code: 'FAILED_PRECONDITION' },
  PAYMENT_IN_PROGRESS: { code: 'FAILED_PRECONDITION' },
  NOT_REFUNDABLE: { code: 'FAILED_PRECONDITION' },
  NOTHING_LEFT: { code: 'FAILED_PRECONDITION' },
  MORE_THAN_LEFT: { code: 'FAILED_PRECONDITION' },
  REFUND_DECLINED: { code: 'FAILED_PRECONDITION' },
  ACQUIRER_UNAVAILABLE: { code: 'UNAVAILABLE', retryAfterSeconds: 5 },
  OUTCOME_UNKNOWN: { code: 'UNAVAILABLE', retryAfterSeconds: 10 },
  CONSENT_UNAVAILABLE: { code: 'UNAVAILABLE', retryAfterSeconds: 5 },
  IDEMPOTENCY_KEY_REUSED: { code: 'INVALID_ARGUMENT' },
  IDEMPOTENCY_KEY_IN_USE: { code: 'ABORTED', retryAfterSeconds: 2 },
  EVENT_MALFORMED: { code: 'INVALID_ARGUMENT' },
  NOT_THE_OWNER: { code: 'FAILED_PRECONDITION', retryAfterSeconds: 1 },
} as const satisfies Record<Reason, { readonly code: RpcCode; readonly retryAfterSeconds?: number }>;

export function toRpcError(refusal: Refusal): RpcError {
  const { reason, metadata, faults, cause } = refusal;
  const { code, ...when } = CODES[reason];
  const violations = faults.map(({ field, rule }) => ({ field, description: rule }));
  return refuse(code, reason, { ...when, domain: DOMAIN, metadata, violations, cause });
}

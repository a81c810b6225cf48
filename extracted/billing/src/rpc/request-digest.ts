import { createHmac, hkdfSync } from 'node:crypto';
import {
  CreateStatementRequest,
  PayInvoiceRequest,
  RefundPaymentRequest,
} from '@banyan/contracts/billing/v1/billing';

export type RequestDigest = {
  payment(request: PayInvoiceRequest): Buffer;
  refund(request: RefundPaymentRequest): Buffer;
  statement(request: CreateStatementRequest): Buffer;
};

/**
 * Tells requests apart without keeping them. Keyed, since a card number has so few digits that a plain digest of it
 * gives it away. The key derives from the services' shared secret: all replicas have it, no database does. When that
 * secret is changed, keys of requests from before are refused as used for another request.
 */
export function createRequestDigest(secret: string): RequestDigest {
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'banyan billing request digest', 32));
  const digest = (bytes: Uint8Array): Buffer => createHmac('sha256', key).update(bytes).digest();
  return {
    payment: (request) =>
      digest(PayInvoiceRequest.encode({ ...request, idempotencyKey: undefined }).finish()),
    refund: (request) =>
      digest(RefundPaymentRequest.encode({ ...request, idempotencyKey: undefined }).finish()),
    statement: (request) =>
      digest(CreateStatementRequest.encode({ ...request, idempotencyKey: undefined }).finish()),
  };
}

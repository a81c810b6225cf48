import { createServer } from 'node:http';
import {
  BillingServiceClient,
  type GetInvoiceResponse,
  type Invoice,
  type Payment,
} from '@banyan/contracts/billing/v1/billing';
import type { Money } from '@banyan/contracts/money/v1/money';
import { credentials, Metadata } from '@grpc/grpc-js';

/*
 * What to measure a translation against: node:http in front, one unary call with an identity that is ready made,
 * JSON.stringify of what came. Nothing is matched, checked, counted or logged; there is no conditional request, no
 * session, no breaker, and only one operation.
 */
const client = new BillingServiceClient(
  `127.0.0.1:${process.env.SERVICE_PORT}`,
  credentials.createInsecure(),
);
const identity = new Metadata();
identity.set('banyan-identity', process.env.IDENTITY ?? '');

createServer((request, response) => {
  const url = request.url ?? '';
  const invoiceId = BigInt(url.slice(url.lastIndexOf('/') + 1) || 0);
  const deadline = Date.now() + 5_000;
  client.getInvoice({ invoiceId }, identity, { deadline }, (error, answer?: GetInvoiceResponse) => {
    const invoice = answer?.invoice;
    const body = Buffer.from(invoice ? JSON.stringify(toJson(invoice)) : String(error));
    response.writeHead(invoice ? 200 : 500, {
      'Content-Type': 'application/json; charset=utf-8',
      'Content-Length': body.length,
    });
    response.end(body);
  });
}).listen(Number(process.env.PORT), '127.0.0.1');

function toJson(invoice: Invoice): unknown {
  return {
    id: Number(invoice.id),
    number: invoice.number,
    booking_id: Number(invoice.bookingId),
    booking_reference: invoice.bookingReference,
    account_id: Number(invoice.accountId),
    bill_to: invoice.billTo,
    status: invoice.status.slice('INVOICE_STATUS_'.length),
    currency: invoice.total?.currencyCode,
    lines: invoice.lines.map((line) => ({
      description: line.description,
      quantity: line.quantity,
      unit_amount: amount(line.unitAmount),
      amount: amount(line.amount),
    })),
    net: amount(invoice.net),
    tax: amount(invoice.tax),
    total: amount(invoice.total),
    paid: amount(invoice.paid),
    refunded: amount(invoice.refunded),
    ledger_ref: JSON.rawJSON(invoice.ledgerReference.toString()),
    issued_at: invoice.issuedAt,
    due_at: invoice.dueAt,
    paid_at: invoice.paidAt ?? null,
    payments: invoice.payments.map(paymentToJson),
  };
}

function paymentToJson(payment: Payment): unknown {
  return {
    id: Number(payment.id),
    result: payment.result.slice('PAYMENT_RESULT_'.length),
    decline_reason: payment.declineReason ?? null,
    amount: amount(payment.amount),
    currency: payment.amount?.currencyCode,
    card_brand: payment.cardBrand.slice('CARD_BRAND_'.length),
    card_last4: payment.cardLast4,
    acquirer_ref: payment.acquirerReference ?? null,
    created_at: payment.createdAt,
    refunds: payment.refunds.map((refund) => ({
      id: Number(refund.id),
      result: refund.result.slice('REFUND_RESULT_'.length),
      amount: amount(refund.amount),
      currency: refund.amount?.currencyCode,
      reason: refund.reason,
      acquirer_ref: refund.acquirerReference ?? null,
      created_at: refund.createdAt,
    })),
  };
}

function amount(money: Money | undefined): string {
  return `${money?.units}.${String((money?.nanos ?? 0) / 10_000_000).padStart(2, '0')}`;
}

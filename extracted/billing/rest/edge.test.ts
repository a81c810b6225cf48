import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Invoice } from '@banyan/contracts/billing/v1/billing';
import { ServiceNonsense, ServiceRefusal } from '@banyan/gateway/carve-out';
import { parseCardPayment, payWith } from './card-payment.ts';
import { toInvoice, toPaid, toPaymentRefund } from './invoice.ts';
import { parseRefund } from './refund.ts';
import { inBillingsWords } from './refusals.ts';
import { parseStatement } from './statement.ts';

const NOW = new Date('2026-11-22T12:00:00Z');
const AT = new Date('2026-11-22T12:00:00.123Z');
const eur = (units: bigint, nanos = 0) => ({ currencyCode: 'EUR', units, nanos });

const REFUND = {
  id: 8n,
  result: 'REFUND_RESULT_REFUNDED' as const,
  amount: eur(1n),
  reason: 'ü',
  acquirerReference: undefined,
  createdAt: AT,
};
const PAYMENT = {
  id: 6n,
  result: 'PAYMENT_RESULT_APPROVED' as const,
  declineReason: undefined,
  amount: eur(0n, 10_000_000),
  cardBrand: 'CARD_BRAND_VISA' as const,
  cardLast4: '0042',
  acquirerReference: 'ch_1',
  createdAt: AT,
  refunds: [REFUND],
};
const INVOICE: Invoice = {
  id: 4n,
  number: 'INV-00000000002',
  bookingId: 2n,
  bookingReference: 'KX7Q2M',
  accountId: 1n,
  billTo: 'Αθηνά',
  status: 'INVOICE_STATUS_PAID',
  lines: [{ description: 'Flex', quantity: 2, unitAmount: eur(-1n, -500_000_000), amount: eur(3n) }],
  net: eur(9_999_999_999n, 990_000_000),
  tax: eur(0n),
  total: eur(1n),
  paid: eur(1n),
  refunded: eur(0n),
  ledgerReference: 9_223_372_036_854_775_807n,
  issuedAt: AT,
  dueAt: AT,
  paidAt: undefined,
  updatedAt: AT,
  payments: [PAYMENT],
};

describe('an invoice as the contract writes it', () => {
  it('every field, in order, integers exact', () => {
    const at = '"2026-11-22T12:00:00.123Z"';
    assert.equal(
      JSON.stringify(toInvoice(INVOICE)),
      '{"id":4,"number":"INV-00000000002","booking_id":2,"booking_reference":"KX7Q2M","account_id":1,' +
        '"bill_to":"Αθηνά","status":"PAID","currency":"EUR","lines":[{"description":"Flex","quantity":2,' +
        '"unit_amount":"-1.50","amount":"3.00"}],"net":"9999999999.99","tax":"0.00","total":"1.00","paid":"1.00",' +
        `"refunded":"0.00","ledger_ref":9223372036854775807,"issued_at":${at},"due_at":${at},"paid_at":null,` +
        '"payments":[{"id":6,"result":"APPROVED","decline_reason":null,"amount":"0.01","currency":"EUR",' +
        `"card_brand":"VISA","card_last4":"0042","acquirer_ref":"ch_1","created_at":${at},"refunds":[{"id":8,` +
        `"result":"REFUNDED","amount":"1.00","currency":"EUR","reason":"ü","acquirer_ref":null,"created_at":${at}}]}]}`,
    );
  });

  it('a payment and a refund that are answered are settled ones', () => {
    assert.deepEqual(Object.keys(toPaid(PAYMENT, 'INVOICE_STATUS_PAID')), [
      'result',
      'reason',
      'payment',
      'invoice_status',
    ]);
    assert.throws(
      () => toPaid({ ...PAYMENT, result: 'PAYMENT_RESULT_PENDING' }, 'INVOICE_STATUS_OPEN'),
      ServiceNonsense,
    );
    assert.deepEqual(Object.keys(toPaymentRefund(REFUND, 6n)).slice(0, 3), ['id', 'payment_id', 'result']);
    assert.throws(() => toPaymentRefund({ ...REFUND, result: 'REFUND_RESULT_FAILED' }, 6n), ServiceNonsense);
  });
});

const faultsOf = (parse: () => unknown): unknown => {
  try {
    parse();
    return [];
  } catch (error) {
    return (error as { details: { faults: { field: string; msg: string }[] } }).details.faults.map(
      ({ field, msg }) => `${field}: ${msg}`,
    );
  }
};

const refusal = (reason: string) =>
  new ServiceRefusal({
    code: 9,
    reason,
    domain: 'billing',
    metadata: { left: '12.50' },
    violations: [{ field: 'amount', description: 'wrong' }],
    retryAfterSeconds: undefined,
  });

const CARD = { card_number: '4242 4242 4242 4242', expiry: '11/26', cvc: '123', card_holder: 'Ω' };
const CARDS: readonly (readonly [Record<string, unknown>, readonly string[]])[] = [
  [{}, []],
  [{ amount: '100' }, []],
  [{ amount: '' }, []],
  [{ card_number: 42 }, ['card_number: Card number must be text.']],
  [{ card_number: '4242424242424241' }, ['card_number: Card number is not valid.']],
  [{ expiry: '13/26' }, ['expiry: Expiry must be MM/YY.']],
  [{ expiry: '10/26' }, ['expiry: Card has expired.']],
  [{ cvc: '12' }, ['cvc: CVC must be 3 or 4 digits.']],
  [{ card_holder: ' ' }, ['card_holder: Card holder is required.']],
  [{ card_holder: 'a\n' }, ['card_holder: Card holder contains characters that are not allowed.']],
  [{ card_holder: 'x'.repeat(81) }, ['card_holder: Card holder must have at most 80 characters.']],
  [{ card_number: null, cvc: '' }, ['card_number: Card number is required.', 'cvc: CVC is required.']],
];

describe('the bodies that billing reads', () => {
  for (const [fields, faults] of CARDS) {
    it(`payInvoice ${JSON.stringify(fields).slice(0, 50)}: ${faults.length} faults`, () => {
      assert.deepEqual(
        faultsOf(() => {
          const { fault } = parseCardPayment({ ...CARD, ...fields }, 10_000n, NOW);
          if (fault !== undefined) throw fault;
        }),
        faults,
      );
    });
  }

  it('payInvoice: a card that has expired may have paid under the same key', async () => {
    const expired = parseCardPayment({ ...CARD, expiry: '10/26' }, 10_000n, NOW);
    const { fault } = expired;
    assert.ok(fault);
    const refuses = (reason: string) => () => Promise.reject(refusal(reason));
    assert.equal(await payWith(expired, 'a-key', async ({ expiryMonth }) => expiryMonth), 10);
    await assert.rejects(payWith(expired, 'a-key', refuses('INVALID_FIELDS')), fault);
    await assert.rejects(payWith(expired, 'a-key', refuses('IDEMPOTENCY_KEY_REUSED')), {
      reason: 'IDEMPOTENCY_KEY_REUSED',
    });
    await assert.rejects(
      payWith(expired, undefined, () => assert.fail('asked')),
      fault,
    );
  });

  it('refundPayment', () => {
    assert.deepEqual(parseRefund({ amount: '0.5', reason: 'x' }), { amountCents: 50n, reason: 'x' });
    assert.deepEqual(parseRefund({ amount: null, reason: 'x' }), { amountCents: null, reason: 'x' });
    assert.deepEqual(
      faultsOf(() => parseRefund({ amount: 5 })),
      ['amount: Amount is not valid.', 'reason: Reason is required.'],
    );
    assert.deepEqual(
      faultsOf(() => parseRefund({ amount: '0', reason: 'x'.repeat(201) })),
      ['amount: Amount is not valid.', 'reason: Reason must have at most 200 characters.'],
    );
  });

  it('createStatement', () => {
    assert.deepEqual(parseStatement({ month: '2026-11', account_id: '02' }, 'accountant', NOW), {
      request: { month: { year: 2026, month: 11 }, accountId: 2n },
      faults: [],
    });
    assert.equal(
      parseStatement({ month: '2026-11', account_id: 2 }, 'customer', NOW).request.accountId,
      undefined,
    );
    for (const month of ['2026-12', 'May', '0999-01', 202_611, null]) {
      assert.equal(parseStatement({ month }, 'customer', NOW).faults.length, 1, String(month));
    }
  });
});

const CODES: Readonly<Record<string, number>> = {
  ROLE_FORBIDDEN: 403,
  INVOICE_NOT_FOUND: 404,
  PAYMENT_NOT_FOUND: 404,
  FOREIGN_INVOICE: 403,
  INVALID_FIELDS: 422,
  INVOICE_VOID: 409,
  INVOICE_PAID: 409,
  HOLD_OVER: 409,
  PAYMENT_IN_PROGRESS: 409,
  NOT_REFUNDABLE: 409,
  NOTHING_LEFT: 409,
  REFUND_DECLINED: 409,
  MORE_THAN_LEFT: 422,
  IDEMPOTENCY_KEY_REUSED: 422,
  IDEMPOTENCY_KEY_IN_USE: 409,
  OUTCOME_UNKNOWN: 503,
  ACQUIRER_UNAVAILABLE: 503,
  CONSENT_UNAVAILABLE: 503,
  TOO_MANY_STREAMS: 503,
};

describe('what billing refuses, by its code', () => {
  for (const [reason, status] of Object.entries(CODES)) {
    it(`${reason}: ${status}`, async () => {
      const answer = await inBillingsWords(() => Promise.reject(refusal(reason)));
      assert.equal(answer.status, status);
      assert.equal(
        answer.headers.some(([name]) => name === 'Retry-After'),
        status === 503 || reason === 'IDEMPOTENCY_KEY_IN_USE',
      );
    });
  }

  it('a reason without words is the gateway’s to answer', async () => {
    const error = refusal('SOMETHING_NEW');
    await assert.rejects(
      inBillingsWords(() => Promise.reject(error)),
      error,
    );
  });
});

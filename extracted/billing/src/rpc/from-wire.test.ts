import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  InvoiceStatus,
  type ListInvoicesRequest,
  PayInvoiceRequest,
  RefundPaymentRequest,
} from '@banyan/contracts/billing/v1/billing';
import { moneyOf } from '@banyan/service-kit/money';
import type { Caller } from '../domain/access.ts';
import { INVOICE_STATUSES, type Invoice } from '../domain/invoice.ts';
import {
  readDocumentPart,
  readIdempotencyKey,
  readListInvoices,
  readPayment,
  readRefund,
  readStatementRequest,
} from './from-wire.ts';
import { fromPageToken, toPageToken } from './page-token.ts';
import { createRequestDigest } from './request-digest.ts';

const CUSTOMER: Caller = { accountId: 7n, role: 'customer' };
const ACCOUNTANT: Caller = { accountId: 4n, role: 'accountant' };
const NOW = new Date('2026-11-22T12:00:00Z');
const EMPTY: ListInvoicesRequest = {
  pageSize: 0,
  pageToken: '',
  skip: 0n,
  status: InvoiceStatus.UNSPECIFIED,
  issuedFrom: undefined,
  issuedBefore: undefined,
};
const CARD = {
  number: '4242424242424242',
  expiryMonth: 11,
  expiryYear: 2026,
  verificationCode: '123',
  holder: 'Zoë',
};
const INVOICE = { totalMinor: 89_600n, currency: 'EUR' } as Invoice;

test('a list: defaults, every filter, and whose invoices by the role', () => {
  assert.deepEqual(readListInvoices(EMPTY, CUSTOMER), {
    filter: { accountId: 7n },
    page: { size: 20, skip: 0n },
  });
  assert.deepEqual(readListInvoices(EMPTY, ACCOUNTANT).filter, {});
  const full = {
    ...EMPTY,
    pageSize: 100,
    pageToken: toPageToken(41n),
    skip: 9n,
    accountId: 5n,
    bookingId: 6n,
    ledgerReference: 2n ** 53n + 1n,
    issuedFrom: NOW,
    issuedBefore: NOW,
  };
  const filter = {
    accountId: 5n,
    bookingId: 6n,
    ledgerReference: 2n ** 53n + 1n,
    issuedFrom: NOW,
    issuedBefore: NOW,
  };
  assert.deepEqual(readListInvoices(full, ACCOUNTANT), {
    filter,
    page: { size: 100, skip: 9n, before: 41n },
  });
  assert.equal(readListInvoices(full, CUSTOMER).filter.accountId, 7n);
  for (const status of INVOICE_STATUSES) {
    assert.equal(
      readListInvoices({ ...EMPTY, status: InvoiceStatus[status] }, CUSTOMER).filter.status,
      status,
    );
  }
  const wrong = {
    ...full,
    pageSize: -1,
    status: InvoiceStatus.UNRECOGNIZED,
    issuedFrom: new Date(Number.NaN),
  };
  assert.throws(() => readListInvoices(wrong, CUSTOMER), {
    faults: [
      { field: 'page_size', rule: 'invalid' },
      { field: 'status', rule: 'invalid' },
      { field: 'issued_from', rule: 'invalid' },
    ],
  });
});

test('a page token is only one that was given', () => {
  assert.equal(fromPageToken(toPageToken(2n ** 62n)), 2n ** 62n);
  for (const token of ['', 'x', '41', toPageToken(1n).slice(1), `${toPageToken(1n)}=`, btoa('v1:0')]) {
    assert.equal(fromPageToken(token), null, token);
  }
});

test('a card is taken until the end of its month; each of its fields is checked', () => {
  const request = PayInvoiceRequest.fromPartial({ card: CARD, amount: moneyOf(89_600n, 'EUR') });
  assert.deepEqual(readPayment(request, INVOICE, NOW), CARD);
  for (const [change, field, rule] of [
    [{ number: '' }, 'card.number', 'required'],
    [{ number: '4242 4242 4242 4242' }, 'card.number', 'invalid'],
    [{ number: '4242424242424241' }, 'card.number', 'invalid'],
    [{ expiryMonth: 0, expiryYear: 0 }, 'card.expiry', 'required'],
    [{ expiryMonth: 13 }, 'card.expiry', 'invalid'],
    [{ expiryYear: 26 }, 'card.expiry', 'invalid'],
    [{ expiryMonth: 10 }, 'card.expiry', 'expired'],
    [{ verificationCode: '' }, 'card.verification_code', 'required'],
    [{ verificationCode: '12345' }, 'card.verification_code', 'invalid'],
    [{ holder: ' ' }, 'card.holder', 'required'],
    [{ holder: 'A\nB' }, 'card.holder', 'characters'],
    [{ holder: '😀'.repeat(81) }, 'card.holder', 'too_long'],
  ] as const) {
    const changed = { ...request, card: { ...CARD, ...change } };
    assert.throws(() => readPayment(changed, INVOICE, NOW), { faults: [{ field, rule }] }, rule);
  }
  for (const [amount, rule] of [
    [{ currencyCode: 'EUR', units: 1n, nanos: 1 }, 'invalid'],
    [moneyOf(89_600n, 'USD'), 'not_the_total'],
  ] as const) {
    assert.throws(() => readPayment({ ...request, amount }, INVOICE, NOW), {
      faults: [{ field: 'amount', rule }],
    });
  }
});

test('a refund: amount above nothing, a reason of at most 200 characters', () => {
  const request = { paymentId: 2n, reason: '😀'.repeat(200), amount: undefined };
  assert.deepEqual(readRefund(request), { amountMinor: null, reason: request.reason });
  assert.equal(readRefund({ ...request, amount: moneyOf(1n, 'EUR') }).amountMinor, 1n);
  for (const [reason, rule] of [
    [' ', 'required'],
    ['a\0b', 'characters'],
    ['a'.repeat(201), 'too_long'],
  ] as const) {
    assert.throws(() => readRefund({ ...request, reason }), { faults: [{ field: 'reason', rule }] });
  }
});

test('a statement is for the caller, and for an accountant for whom they say', async () => {
  const exists = async (id: bigint): Promise<boolean> => id === 5n;
  const month = { year: 2026, month: 11 };
  assert.deepEqual(await readStatementRequest({ month, accountId: 5n }, CUSTOMER, NOW, exists), {
    accountId: 7n,
    month,
  });
  assert.equal((await readStatementRequest({ month, accountId: 5n }, ACCOUNTANT, NOW, exists)).accountId, 5n);
  await assert.rejects(readStatementRequest({ month: undefined }, CUSTOMER, NOW, exists), {
    faults: [{ field: 'month', rule: 'required' }],
  });
  await assert.rejects(
    readStatementRequest({ month: { year: 2026, month: 12 }, accountId: 6n }, ACCOUNTANT, NOW, exists),
    {
      reason: 'INVALID_FIELDS',
      faults: [
        { field: 'month', rule: 'invalid' },
        { field: 'account_id', rule: 'not_found' },
      ],
    },
  );
  await assert.rejects(readStatementRequest({ month, accountId: 6n }, ACCOUNTANT, NOW, exists), {
    reason: 'ACCOUNT_NOT_FOUND',
  });
});

test('a part of a document, an idempotency key', () => {
  assert.deepEqual(readDocumentPart({ invoiceId: 1n, offsetBytes: 5n, lengthBytes: 0n }), {
    start: 5,
    length: null,
  });
  assert.throws(() => readDocumentPart({ invoiceId: 1n, offsetBytes: -1n, lengthBytes: -1n }), {
    faults: [
      { field: 'offset_bytes', rule: 'invalid' },
      { field: 'length_bytes', rule: 'invalid' },
    ],
  });
  assert.equal(readIdempotencyKey(undefined), null);
  assert.equal(readIdempotencyKey('~'.repeat(255)), '~'.repeat(255));
  for (const key of ['', 'a b', 'é', 'x'.repeat(256)]) {
    assert.throws(() => readIdempotencyKey(key), { reason: 'INVALID_FIELDS' });
  }
});

test('requests are told apart by all but their key, with a secret, and between operations', () => {
  const digest = createRequestDigest('a secret of sixteen and more');
  const request = PayInvoiceRequest.fromPartial({ invoiceId: 2n, card: CARD, idempotencyKey: 'a' });
  const same = digest.payment({ ...request, idempotencyKey: 'b' });
  assert.ok(digest.payment(request).equals(same));
  assert.ok(!digest.payment({ ...request, invoiceId: 4n }).equals(same));
  assert.ok(!createRequestDigest('another secret of the services').payment(request).equals(same));
  const refund = RefundPaymentRequest.fromPartial({ paymentId: 2n, reason: 'x' });
  assert.ok(!digest.refund(refund).equals(digest.refund({ ...refund, reason: 'y' })));
});

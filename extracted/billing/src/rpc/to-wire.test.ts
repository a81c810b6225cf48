import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Invoice as WireInvoice, Statement as WireStatement } from '@banyan/contracts/billing/v1/billing';
import { CARD_BRANDS } from '../domain/card.ts';
import {
  INVOICE_STATUSES,
  type Invoice,
  type InvoiceStatus,
  PAYMENT_RESULTS,
  type Payment,
  REFUND_RESULTS,
  type Refund,
} from '../domain/invoice.ts';
import { MOVEMENT_KINDS } from '../domain/statement.ts';
import {
  KINDS,
  STATUSES,
  toExportedInvoice,
  toWireInvoice,
  toWirePayment,
  toWireRefund,
  toWireStatement,
} from './to-wire.ts';

const at = (second: number): Date => new Date(Date.UTC(2026, 10, 22, 19, 30, second, 123));
const eur = (units: bigint, nanos = 0) => ({ currencyCode: 'EUR', units, nanos });

const REFUND: Refund = {
  id: 2n ** 61n,
  result: 'REFUNDED',
  amountMinor: 1_001n,
  currency: 'EUR',
  reason: 'Kulanz ✓',
  acquirerReference: 're_1',
  createdAt: at(5),
};
const PAYMENT: Payment = {
  id: 2n ** 60n,
  result: 'APPROVED',
  declineReason: null,
  amountMinor: 11_201n,
  currency: 'EUR',
  cardBrand: 'VISA',
  cardLast4: '4242',
  acquirerReference: 'ch_1',
  createdAt: at(4),
  refunds: [REFUND],
};
const INVOICE: Invoice = {
  id: 2n ** 62n,
  bookingId: 41n,
  accountId: 2n ** 53n + 1n,
  billTo: 'Zoë Müller',
  status: 'PARTIALLY_REFUNDED',
  currency: 'EUR',
  lines: [{ description: 'CLASSIC fare', quantity: 2, unitMinor: 5_000n, amountMinor: 10_000n }],
  netMinor: 10_000n,
  taxMinor: 1_201n,
  totalMinor: 11_201n,
  paidMinor: 11_202n,
  refundedMinor: 1_001n,
  ledgerReference: 9007199254741075n,
  issuedAt: at(1),
  dueAt: at(2),
  paidAt: at(3),
  updatedAt: at(6),
  payments: [PAYMENT],
};

const WIRE_REFUND = {
  id: 2n ** 61n,
  result: 'REFUND_RESULT_REFUNDED',
  amount: eur(10n, 10_000_000),
  reason: 'Kulanz ✓',
  acquirerReference: 're_1',
  createdAt: at(5),
};
const WIRE_PAYMENT = {
  id: 2n ** 60n,
  result: 'PAYMENT_RESULT_APPROVED',
  declineReason: undefined,
  amount: eur(112n, 10_000_000),
  cardBrand: 'CARD_BRAND_VISA',
  cardLast4: '4242',
  acquirerReference: 'ch_1',
  createdAt: at(4),
  refunds: [WIRE_REFUND],
};

test('every field of an invoice is where the contract has it', () => {
  const wire = {
    id: 2n ** 62n,
    number: 'INV-00000000041',
    bookingId: 41n,
    bookingReference: 'PD0WPF',
    accountId: 2n ** 53n + 1n,
    billTo: 'Zoë Müller',
    status: 'INVOICE_STATUS_PARTIALLY_REFUNDED',
    lines: [{ description: 'CLASSIC fare', quantity: 2, unitAmount: eur(50n), amount: eur(100n) }],
    net: eur(100n),
    tax: eur(12n, 10_000_000),
    total: eur(112n, 10_000_000),
    paid: eur(112n, 20_000_000),
    refunded: eur(10n, 10_000_000),
    ledgerReference: 9007199254741075n,
    issuedAt: at(1),
    dueAt: at(2),
    paidAt: at(3),
    updatedAt: at(6),
    payments: [WIRE_PAYMENT],
  };
  assert.deepEqual(toWireInvoice(INVOICE), wire);
  // What is not listed here is not in the message either.
  assert.deepEqual(Object.keys(WireInvoice.create()).sort(), Object.keys(wire).sort());
  const read = WireInvoice.decode(WireInvoice.encode(toWireInvoice(INVOICE)).finish());
  assert.deepEqual(JSON.stringify(read, text), JSON.stringify(WireInvoice.fromPartial(wire as never), text));
  assert.equal(toWireInvoice({ ...INVOICE, paidAt: null }).paidAt, undefined);
  assert.deepEqual(toExportedInvoice(INVOICE), {
    ...pick(wire, [
      'id',
      'number',
      'bookingId',
      'accountId',
      'status',
      'net',
      'tax',
      'total',
      'paid',
      'refunded',
    ]),
    ...pick(wire, ['ledgerReference', 'issuedAt', 'paidAt']),
  });
});

test('every status, result, brand and kind has its own value', () => {
  for (const status of INVOICE_STATUSES) {
    assert.equal(toWireInvoice({ ...INVOICE, status }).status, `INVOICE_STATUS_${status}`);
  }
  for (const result of PAYMENT_RESULTS) {
    assert.equal(toWirePayment({ ...PAYMENT, result }).result, `PAYMENT_RESULT_${result}`);
  }
  for (const result of REFUND_RESULTS) {
    assert.equal(toWireRefund({ ...REFUND, result }).result, `REFUND_RESULT_${result}`);
  }
  for (const cardBrand of CARD_BRANDS) {
    assert.equal(toWirePayment({ ...PAYMENT, cardBrand }).cardBrand, `CARD_BRAND_${cardBrand}`);
  }
  for (const kind of MOVEMENT_KINDS) assert.equal(KINDS[kind], `STATEMENT_LINE_KIND_${kind}`);
  assert.equal(new Set<InvoiceStatus | string>(Object.values(STATUSES)).size, INVOICE_STATUSES.length);
});

test('what is absent is absent on the wire', () => {
  const { declineReason, acquirerReference } = toWirePayment({
    ...PAYMENT,
    declineReason: 'stolen_card',
    acquirerReference: null,
  });
  assert.deepEqual([declineReason, acquirerReference], ['stolen_card', undefined]);
  assert.equal(toWireRefund({ ...REFUND, acquirerReference: null }).acquirerReference, undefined);
});

test('every field of a statement is where the contract has it', () => {
  const wire = {
    id: 3n,
    accountId: 7n,
    month: { year: 2026, month: 11 },
    openingBalance: eur(1n),
    invoiced: eur(2n),
    paid: eur(3n),
    refunded: eur(4n),
    closingBalance: eur(-5n),
    lines: [
      { at: at(1), kind: 'STATEMENT_LINE_KIND_REFUND', invoiceNumber: 'INV-00000000041', amount: eur(6n) },
    ],
    generatedAt: at(2),
  };
  const statement = {
    id: 3n,
    accountId: 7n,
    month: { year: 2026, month: 11 },
    currency: 'EUR',
    openingMinor: 100n,
    invoicedMinor: 200n,
    paidMinor: 300n,
    refundedMinor: 400n,
    closingMinor: -500n,
    lines: [{ at: at(1), kind: 'REFUND' as const, invoiceNumber: 'INV-00000000041', amountMinor: 600n }],
    generatedAt: at(2),
  };
  assert.deepEqual(toWireStatement(statement), wire);
  assert.deepEqual(Object.keys(WireStatement.create()).sort(), Object.keys(wire).sort());
});

function pick<T extends object, K extends keyof T>(from: T, names: readonly K[]): Pick<T, K> {
  return Object.fromEntries(names.map((name) => [name, from[name]])) as Pick<T, K>;
}

function text(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}

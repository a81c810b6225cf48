import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AIRPORTS } from './airports.ts';
import { makeSeed } from './seed.ts';

const SMALL = { seedDate: '2026-11-22', scale: 'small' } as const;

test('the same date gives the same data, another date other data', () => {
  const text = (seedDate: string) =>
    JSON.stringify(makeSeed({ ...SMALL, seedDate }), (_key, value) =>
      typeof value === 'bigint' ? `${value}` : value,
    );
  assert.equal(text('2026-11-22'), text('2026-11-22'));
  assert.notEqual(text('2026-11-22'), text('2026-11-23'));
});

test('the sizes are those that are documented', () => {
  const { accounts, airports, bookings, flights } = makeSeed(SMALL);
  assert.deepEqual([airports.length, flights.length, accounts.length, bookings.length], [12, 60, 30, 200]);
  assert.equal(new Set(AIRPORTS.map(({ code }) => code)).size, 60);
});

test('no seat is given twice, no infant has one, and what is over holds none', () => {
  const { bookings } = makeSeed({ ...SMALL, scale: 'full' });
  const taken = new Set<string>();
  for (const { flight, passengers, status } of bookings) {
    for (const { infant, seat } of passengers) {
      if (seat === null) continue;
      assert.equal(infant, 'N');
      assert.ok(status === 'HELD' || status === 'CONFIRMED');
      const claim = `${flight.id}/${seat}`;
      assert.ok(!taken.has(claim), claim);
      taken.add(claim);
    }
  }
});

test('ids of what may leave are odd, bookings in the order in which they were made, all in the past', () => {
  const { billing, bookings } = makeSeed(SMALL);
  const seedAt = new Date('2026-11-22T00:00:00Z');
  let last = 0;
  for (const { createdAt, id } of bookings) {
    assert.equal(id % 2, 1);
    assert.ok(createdAt.getTime() >= last && createdAt < seedAt);
    last = createdAt.getTime();
  }
  for (const rows of [billing.invoices, billing.payments, billing.refunds]) {
    assert.ok(rows.every(({ id }) => id % 2 === 1));
  }
});

test('the money agrees: what is refunded was paid, what is paid is the total', () => {
  const { billing } = makeSeed({ ...SMALL, scale: 'full' });
  const paymentOf = new Map(billing.payments.map((payment) => [payment.id, payment]));
  const refundedOf = new Map<number, bigint>();
  for (const { amountCents, paymentId } of billing.refunds) {
    const invoiceId = paymentOf.get(paymentId)?.invoiceId as number;
    refundedOf.set(invoiceId, (refundedOf.get(invoiceId) ?? 0n) + amountCents);
  }
  for (const invoice of billing.invoices) {
    const { booking, paidCents, refundedCents, status } = invoice;
    assert.equal(refundedCents, refundedOf.get(invoice.id) ?? 0n);
    assert.ok(refundedCents <= paidCents);
    assert.ok(paidCents === 0n || paidCents === booking.price.totalCents);
    assert.equal(paidCents === 0n, status === 'OPEN' || status === 'VOID');
    assert.equal(booking.status === 'HELD', status === 'OPEN');
  }
});

test('the demo accounts have upcoming bookings in every state', () => {
  const { bookings } = makeSeed(SMALL);
  for (const id of [1, 2, 5, 6]) {
    const upcoming = bookings.filter(
      ({ account, flight }) => account.id === id && flight.departsAt > new Date('2026-11-24T00:00:00Z'),
    );
    const states = new Set(upcoming.map(({ status }) => status));
    assert.deepEqual([...states].sort(), ['CANCELLED', 'CONFIRMED', 'EXPIRED', 'HELD'], `account ${id}`);
  }
});

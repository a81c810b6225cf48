import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { createMailCatcher } from '@banyan/stack/mail/mail-catcher';
import { until } from '@banyan/stack/testing/until';
import { startAcquirerRelay } from './support/acquirer-relay.ts';
import { bookingCancelled, bookingPlaced, holdExpired } from './support/events.ts';
import { ACCOUNTANT, ALICE, as, card, LONG, startWorld, type World } from './support/world.ts';

const AMOUNT = undefined;

async function invoiceOf(world: World, bookingId: bigint) {
  const { invoice } = await world.billing.getBookingInvoice({ bookingId }, as(ALICE));
  assert.ok(invoice);
  return invoice;
}

async function pay(world: World, bookingId: bigint, number?: string) {
  const { id: invoiceId } = await invoiceOf(world, bookingId);
  return world.billing.payInvoice({ invoiceId, card: card(number), amount: AMOUNT }, as(ALICE));
}

test('an event takes effect once, however often it is delivered', async (t) => {
  const world = await startWorld(t);
  const placed = bookingPlaced(1n);
  await world.deliver(placed);
  await world.deliver(placed);
  // The same news under another id.
  await world.deliver(bookingPlaced(1n));
  const invoice = await invoiceOf(world, 1n);
  assert.deepEqual(
    [invoice.billTo, invoice.lines.length, invoice.status, invoice.id % 2n],
    ['Zoë Müller', 1, 'INVOICE_STATUS_OPEN', 0n],
  );
  assert.deepEqual(invoice.issuedAt, new Date('2026-11-22T19:30:00.123Z'));
  const news = { $case: 'bookingChanged' as const, value: { bookingId: 1n, version: 2 } };
  await world.deliver({ ...holdExpired(1n), body: news });
  assert.deepEqual(await invoiceOf(world, 1n), invoice);
});

test('an event that makes no sense is a dead letter with what is wrong with it, and those behind it are taken', async (t) => {
  const world = await startWorld(t);
  const nonsense = { ...bookingPlaced(0n), id: randomUUID() };
  const [refused, unknown] = [nonsense, { ...bookingPlaced(3n), body: undefined }].map((event) =>
    world.deliver(event).then(
      () => 'taken',
      ({ message }: Error) => message,
    ),
  );
  await world.deliver(bookingPlaced(5n));
  assert.equal(await refused, 'refused: EVENT_MALFORMED field=booking_id');
  assert.equal(await unknown, 'poison: UNKNOWN_TYPE');
});

test('a cancellation or expiry before its booking is not lost', async (t) => {
  const world = await startWorld(t);
  await world.deliver(bookingCancelled(1n));
  await world.deliver(bookingPlaced(1n));
  await world.deliver(holdExpired(3n));
  await world.deliver(bookingPlaced(3n));
  await world.deliver(bookingPlaced(5n));
  await world.deliver(holdExpired(5n));
  for (const bookingId of [1n, 3n, 5n]) {
    const invoice = await invoiceOf(world, bookingId);
    assert.equal(invoice.status, 'INVOICE_STATUS_VOID');
    await assert.rejects(pay(world, bookingId), { reason: 'INVOICE_VOID' });
  }
  const { rows } = await world.database.query('SELECT 1 FROM early_closings');
  assert.equal(rows.length, 0);
  assert.equal(world.acquirer.ledger.movements().length, 0);
});

test('a paid booking that is cancelled gets what its fare gives back', async (t) => {
  const world = await startWorld(t);
  for (const [bookingId, fareClass, refunded] of [
    [1n, 'FARE_CLASS_FLEX', 896n],
    [3n, 'FARE_CLASS_CLASSIC', 796n],
    [5n, 'FARE_CLASS_SAVER', 0n],
  ] as const) {
    await world.placed(bookingId);
    await pay(world, bookingId);
    await world.deliver(bookingCancelled(bookingId, { wasConfirmed: true, fareClass }));
    const invoice = await until(
      async () => {
        const found = await invoiceOf(world, bookingId);
        return found.refunded?.units === refunded ? found : null;
      },
      { ...LONG, what: `what ${fareClass} gives back` },
    );
    assert.equal(invoice.payments[0]?.refunds[0]?.reason, refunded === 0n ? undefined : 'Booking cancelled');
    // As after a hand-over, when what was told to the other side's database is told to this one.
    await world.deliver(bookingCancelled(bookingId, { wasConfirmed: true, fareClass }));
    assert.equal((await invoiceOf(world, bookingId)).refunded?.units, refunded);
  }
});

test('a refund that somebody ordered takes nothing from what the fare gives back, whatever reason it has', async (t) => {
  const world = await startWorld(t);
  await world.placed(1n);
  const paymentId = (await pay(world, 1n)).payment?.id ?? 0n;
  const amount = { currencyCode: 'EUR', units: 1n, nanos: 0 };
  await world.billing.refundPayment({ paymentId, amount, reason: 'Booking cancelled' }, as(ACCOUNTANT));
  const cancelled = { wasConfirmed: true, fareClass: 'FARE_CLASS_CLASSIC' } as const;
  await world.deliver(bookingCancelled(1n, cancelled));
  await until(async () => (await invoiceOf(world, 1n)).refunded?.units === 797n, LONG);
  await world.deliver(bookingCancelled(1n, cancelled));
  assert.equal((await invoiceOf(world, 1n)).refunded?.units, 797n);
});

test('a payment that meets a cancelled booking goes back whole, whichever comes first, and once', async (t) => {
  let acquirerUrl = '';
  const relay = await startAcquirerRelay(t, () => acquirerUrl);
  const world = await startWorld(t, { ACQUIRER_URL: relay.url, ACQUIRER_DEADLINE_MS: '15000' });
  acquirerUrl = world.acquirer.url;
  for (const [bookingId, end] of [
    [1n, bookingCancelled(1n, { wasConfirmed: false })],
    [3n, holdExpired(3n)],
  ] as const) {
    await world.placed(bookingId);
    await pay(world, bookingId);
    await world.deliver(end);
    await until(async () => (await invoiceOf(world, bookingId)).status === 'INVOICE_STATUS_REFUNDED', LONG);
  }
  // While the card is being charged: the booking is cancelled before the charge is known.
  await world.placed(5n);
  const charge = relay.hold();
  const paying = pay(world, 5n);
  await until(async () => (await invoiceOf(world, 5n)).payments.length > 0, LONG);
  await world.deliver(bookingCancelled(5n));
  assert.equal((await invoiceOf(world, 5n)).status, 'INVOICE_STATUS_VOID');
  charge();
  assert.equal((await paying).payment?.result, 'PAYMENT_RESULT_APPROVED');
  await until(async () => (await invoiceOf(world, 5n)).status === 'INVOICE_STATUS_REFUNDED', LONG);
  assert.equal(world.acquirer.ledger.totals()[0]?.balance, '0.00');
  assert.equal(world.acquirer.ledger.movements().length, 6);
  assert.ok(
    !world.bookings.events.some(({ body }) => body?.$case === 'invoicePaid' && body.value.bookingId === 5n),
  );
});

test('consent is asked of whichever side owns bookings', async (t) => {
  const world = await startWorld(t);
  await world.placed(1n);
  // The same server answers at both addresses; only its record says whom to believe.
  world.bookings.owner = 'monolith';
  await until(async () => (await pay(world, 1n)).invoiceStatus === 'INVOICE_STATUS_PAID', LONG);
  world.bookings.owner = 'nobody';
  // What is known is believed for a second, so that some are still paid.
  let bookingId = 3n;
  const refusedWith = async (): Promise<unknown> => {
    bookingId += 2n;
    await world.placed(bookingId);
    return pay(world, bookingId).then(
      () => 'paid',
      (error) => error.reason,
    );
  };
  await until(async () => (await refusedWith()) === 'CONSENT_UNAVAILABLE', LONG);
});

test('mails: the receipt with the invoice as PDF, refund and cancellation, to whom booking says, one per cause', async (t) => {
  const mail = await createMailCatcher({ smtpPort: 0, port: 0 });
  t.after(() => mail.stop());
  const world = await startWorld(t, { SMTP_URL: mail.smtpUrl });
  await world.placed(1n);
  const { payment } = await pay(world, 1n);
  await world.deliver(bookingCancelled(1n, { wasConfirmed: true }));
  await until(() => mail.mailbox.list().length === 3, { ...LONG, what: 'three mails' });
  const mails = mail.mailbox.list();
  const bySubject = (part: string) => mails.find(({ subject }) => subject?.includes(part));
  const receipt = bySubject('Receipt for invoice INV-00000000001');
  assert.equal(receipt?.messageId, `<receipt-${payment?.id}@meridian.example>`);
  assert.equal(new Set(mails.map(({ messageId }) => messageId)).size, 3);
  const [invoice, ...more] = receipt?.attachments ?? [];
  assert.deepEqual(
    [invoice?.filename, invoice?.contentType, more.length],
    ['INV-00000000001.pdf', 'application/pdf', 0],
  );
  assert.equal(invoice?.content.subarray(0, 5).toString('latin1'), '%PDF-');
  assert.match(JSON.stringify(receipt), /zoe@example\.com/);
  assert.ok(bySubject('Your booking K7Q2XM is cancelled'));
  assert.ok(bySubject('Refund of 796.00 EUR'));
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMailCatcher } from '@banyan/stack/mail/mail-catcher';
import { until } from '@banyan/stack/testing/until';
import { bookingCancelled, bookingPlaced, holdExpired } from './support/events.ts';
import { ALICE, as, card, startWorld, type World } from './support/world.ts';

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
  assert.deepEqual(await world.deliver(placed), { duplicate: false });
  assert.deepEqual(await world.deliver(placed), { duplicate: true });
  // The same news under another id.
  assert.deepEqual(await world.deliver({ ...bookingPlaced(1n) }), { duplicate: false });
  const invoice = await invoiceOf(world, 1n);
  assert.deepEqual(
    [invoice.billTo, invoice.lines.length, invoice.status, invoice.id % 2n],
    ['Zoë Müller', 1, 'INVOICE_STATUS_OPEN', 0n],
  );
  assert.deepEqual(invoice.issuedAt, new Date('2026-11-22T19:30:00.123Z'));
  const news = { $case: 'bookingChanged' as const, value: { bookingId: 1n, version: 2 } };
  assert.deepEqual(await world.deliver({ ...holdExpired(1n), body: news }), { duplicate: false });
  await assert.rejects(world.deliver({ ...placed, id: 'not-a-uuid' }), { reason: 'EVENT_MALFORMED' });
  await assert.rejects(world.deliver({ ...bookingPlaced(3n), body: undefined }), {
    reason: 'EVENT_MALFORMED',
  });
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

test('a paid booking that is cancelled gets what its fare gives back, before its owner has waited a second', async (t) => {
  const world = await startWorld(t);
  for (const [bookingId, fareClass, refunded] of [
    [1n, 'FARE_CLASS_FLEX', 896n],
    [3n, 'FARE_CLASS_CLASSIC', 796n],
    [5n, 'FARE_CLASS_SAVER', 0n],
  ] as const) {
    await world.placed(bookingId);
    await pay(world, bookingId);
    await world.deliver(bookingCancelled(bookingId, { wasConfirmed: true, fareClass }));
    const invoice = await invoiceOf(world, bookingId);
    assert.equal(invoice.refunded?.units, refunded, fareClass);
    assert.equal(invoice.payments[0]?.refunds[0]?.reason, refunded === 0n ? undefined : 'Booking cancelled');
  }
});

test('a payment that was not heard of in time goes back whole, whichever comes first', async (t) => {
  const world = await startWorld(t);
  for (const [bookingId, end] of [
    [1n, bookingCancelled(1n, { wasConfirmed: false })],
    [3n, holdExpired(3n)],
  ] as const) {
    await world.placed(bookingId);
    await pay(world, bookingId);
    await world.deliver(end);
    assert.equal((await invoiceOf(world, bookingId)).status, 'INVOICE_STATUS_REFUNDED');
  }
  // While the card is being charged.
  await world.placed(5n);
  const paying = pay(world, 5n, '4000000000001000');
  await until(async () => (await invoiceOf(world, 5n)).payments.length > 0, { deadlineMs: 2_000 });
  await world.deliver(bookingCancelled(5n));
  assert.equal((await invoiceOf(world, 5n)).status, 'INVOICE_STATUS_VOID');
  assert.equal((await paying).payment?.result, 'PAYMENT_RESULT_APPROVED');
  await until(async () => (await invoiceOf(world, 5n)).status === 'INVOICE_STATUS_REFUNDED', {
    deadlineMs: 5_000,
  });
  assert.equal(world.acquirer.ledger.totals()[0]?.balance, '0.00');
  assert.ok(
    !world.bookings.events.some(({ body }) => body?.$case === 'invoicePaid' && body.value.bookingId === 5n),
  );
});

test('while booking takes no events the answer comes a second late and the event later', async (t) => {
  const world = await startWorld(t);
  await world.placed(1n);
  world.bookings.takesEvents = false;
  const startedAt = performance.now();
  const answer = await pay(world, 1n);
  const tookMs = performance.now() - startedAt;
  assert.equal(answer.invoiceStatus, 'INVOICE_STATUS_PAID');
  assert.ok(tookMs > 900 && tookMs < 5_000, `${tookMs} ms`);
  world.bookings.takesEvents = true;
  await until(() => world.bookings.events.length === 1, { deadlineMs: 10_000 });
});

test('events and consent go to whichever side owns bookings', async (t) => {
  const world = await startWorld(t);
  await world.placed(1n);
  // The same server answers at both addresses; only its record says whom to believe.
  world.bookings.owner = 'monolith';
  await until(async () => (await pay(world, 1n)).invoiceStatus === 'INVOICE_STATUS_PAID', {
    deadlineMs: 5_000,
  });
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
  await until(async () => (await refusedWith()) === 'CONSENT_UNAVAILABLE', { deadlineMs: 3_000 });
});

test('mails: receipt, refund and cancellation, to whom booking says, one per cause', async (t) => {
  const mail = await createMailCatcher({ smtpPort: 0, port: 0 });
  t.after(() => mail.stop());
  const world = await startWorld(t, { SMTP_URL: mail.smtpUrl });
  await world.placed(1n);
  const { payment } = await pay(world, 1n);
  await world.deliver(bookingCancelled(1n, { wasConfirmed: true }));
  await until(() => mail.mailbox.list().length === 3, { deadlineMs: 10_000, what: 'three mails' });
  const mails = mail.mailbox.list();
  const bySubject = (part: string) => mails.find(({ subject }) => subject?.includes(part));
  const receipt = bySubject('Receipt for invoice INV-00000000001');
  assert.equal(receipt?.messageId, `<receipt-${payment?.id}@meridian.example>`);
  assert.match(JSON.stringify(receipt), /zoe@example\.com/);
  assert.ok(bySubject('Your booking K7Q2XM is cancelled'));
  assert.ok(bySubject('Refund of 796.00 EUR'));
});

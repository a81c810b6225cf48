import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '@banyan/stack/testing/until';
import { bookingCancelled, bookingPlaced } from './support/events.ts';
import { ALICE, as, card, startWorld } from './support/world.ts';

/** No Redis is named: an empty variable is one that is not set. */
const BY_CALLS = { QUEUE_REDIS_URL: '' };

test('without queues events come and go by calls, once each', async (t) => {
  const world = await startWorld(t, BY_CALLS);
  const placed = bookingPlaced(1n);
  assert.deepEqual(await world.deliverByCall(placed), { duplicate: false });
  assert.deepEqual(await world.deliverByCall(placed), { duplicate: true });
  await assert.rejects(world.deliverByCall({ ...placed, id: 'not-a-uuid' }), { reason: 'EVENT_MALFORMED' });
  const { invoice } = await world.billing.getBookingInvoice({ bookingId: 1n }, as(ALICE));
  const pay = { invoiceId: invoice?.id ?? 0n, card: card(), amount: undefined };
  // While booking takes no events the answer comes a second late and the event later.
  world.bookings.takesEvents = false;
  const startedAt = performance.now();
  const answer = await world.billing.payInvoice(pay, as(ALICE));
  assert.ok(performance.now() - startedAt > 900);
  assert.equal(answer.invoiceStatus, 'INVOICE_STATUS_PAID');
  world.bookings.takesEvents = true;
  await world.deliverByCall(bookingCancelled(1n, { wasConfirmed: true }));
  await until(() => world.bookings.events.length === 2, { deadlineMs: 30_000 });
});

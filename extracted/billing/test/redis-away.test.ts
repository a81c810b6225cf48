import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTestRedis } from '@banyan/stack/testing/redis';
import { until } from '@banyan/stack/testing/until';
import { undo } from './support/undo.ts';
import { ACCOUNTANT, ALICE, as, card, startWorld } from './support/world.ts';

const LONG = { deadlineMs: 60_000 } as const;

test('with Redis away money moves all the same, and booking hears of it when an empty one is back', async (t) => {
  const redis = await createTestRedis();
  undo(t, () => redis[Symbol.asyncDispose]());
  await redis.start();
  const { billing, placed, bookings, service } = await startWorld(t, {}, redis);
  const invoiceId = await placed(1n);
  await redis.kill();
  const paid = await billing.payInvoice({ invoiceId, card: card(), amount: undefined }, as(ALICE));
  assert.equal(paid.invoiceStatus, 'INVOICE_STATUS_PAID');
  const back = { paymentId: paid.payment?.id ?? 0n, reason: 'Goodwill', amount: undefined };
  assert.equal((await billing.refundPayment(back, as(ACCOUNTANT))).refund?.result, 'REFUND_RESULT_REFUNDED');
  assert.equal(bookings.events.length, 0);
  await redis.start();
  await until(() => bookings.events.length === 2, { ...LONG, what: 'booking to hear of all' });

  // A stop does not wait for it, whether it refuses or hangs.
  redis.pause();
  const startedAt = performance.now();
  await service.stop();
  assert.ok(performance.now() - startedAt < 25_000);
  redis.resume();
});

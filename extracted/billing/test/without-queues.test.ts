import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { silentLogger } from '@banyan/service-kit/logger';
import { createAcquirer } from '@banyan/stack/acquirer/acquirer';
import { until } from '@banyan/stack/testing/until';
import { readEvent } from '../src/events/from-wire.ts';
import { createOwnStorage } from '../src/storage/own-storage.ts';
import { startBookingOwner } from './support/booking-owner.ts';
import { ownDatabase } from './support/databases.ts';
import { bookingPlaced } from './support/events.ts';
import { undo } from './support/undo.ts';
import { ALICE, as, card, environmentOf, LONG, startBilling } from './support/world.ts';

test('without queues money moves, what is to be told is kept, and a start says so once', async (t) => {
  const acquirer = await createAcquirer({ port: 0, shortWaitMs: 1_000, longWaitMs: 2_000 });
  undo(t, () => acquirer.stop());
  const { target } = await startBookingOwner(t);
  const { url, database } = await ownDatabase(t);
  const storage = createOwnStorage({ database, now: () => new Date(), newId: randomUUID });
  const placed = readEvent(bookingPlaced(1n));
  assert.ok(placed.news.kind === 'placed');
  await storage.placeInvoice(placed.id, placed.news.booking);
  const warnings: unknown[] = [];
  const warn = (...said: unknown[]) => void warnings.push(said.at(-1));
  const { billing, health, metrics } = await startBilling(
    t,
    environmentOf({ databaseUrl: url, acquirerUrl: acquirer.url, bookingTarget: target }),
    { logger: Object.assign(Object.create(silentLogger), { warn }) },
  );
  await until(async () => (await health()) === 'SERVING', LONG);
  const { invoice } = await billing.getBookingInvoice({ bookingId: 1n }, as(ALICE));
  const pay = { invoiceId: invoice?.id ?? 0n, card: card(), amount: undefined };
  assert.equal((await billing.payInvoice(pay, as(ALICE))).invoiceStatus, 'INVOICE_STATUS_PAID');
  assert.doesNotMatch((await metrics.render()).text, /^effects_/m, 'nothing is waited for');
  const { rows } = await database.query('SELECT type, attempts, delivered_at FROM outbox');
  assert.deepEqual(rows, [{ type: 'invoicePaid', attempts: 0, delivered_at: null }]);
  const ofQueues = warnings.filter((said) => String(said).includes('QUEUE_REDIS_URL'));
  assert.deepEqual(ofQueues, ['QUEUE_REDIS_URL is not set: events stay in the outbox']);
});

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { until } from '@banyan/stack/testing/until';
import { createOwnStorage } from '../src/storage/own-storage.ts';
import { startAcquirerRelay } from './support/acquirer-relay.ts';
import { open, ownDatabase, recordOwner, sharedDatabase } from './support/databases.ts';
import { bookingPlaced } from './support/events.ts';
import {
  ACCOUNTANT,
  ALICE,
  as,
  card,
  environmentOf,
  LONG,
  startBilling,
  startWorld,
} from './support/world.ts';

const NOWHERE = 'http://127.0.0.1:9';

test("while the monolith owns billing its tables are read, and every write is refused with the owner's reason", async (t) => {
  const own = await ownDatabase(t, { owner: 'monolith' });
  const shared = await sharedDatabase(t);
  const { billing, health, lookup, ownership } = await startBilling(t, {
    ...environmentOf({ databaseUrl: own.url, acquirerUrl: NOWHERE }),
    BILLING_SHARED_DATABASE_URL: shared.readerUrl,
  });
  await until(async () => (await health()) === 'SERVING', LONG);
  const { ownerships } = await ownership.listOwnership({});
  assert.deepEqual(
    ownerships.map(({ aggregate, data }) => [aggregate, data]),
    [['billing', 'SERVICE_DATA_SHARED']],
  );
  const wanted = { pageSize: 5, pageToken: '', skip: 0n, status: 'INVOICE_STATUS_OPEN' as const };
  const { invoices, totalSize } = await billing.listInvoices(
    { ...wanted, issuedFrom: undefined, issuedBefore: undefined },
    as(ACCOUNTANT),
  );
  assert.ok(totalSize > 0n && invoices.length > 0);
  const invoiceId = invoices[0]?.id ?? 0n;
  const notTheOwner = { code: 'FAILED_PRECONDITION', reason: 'NOT_THE_OWNER' };
  await assert.rejects(
    billing.payInvoice({ invoiceId, card: card(), amount: undefined }, as(ALICE)),
    notTheOwner,
  );
  await assert.rejects(
    billing.refundPayment({ paymentId: 1n, reason: 'x', amount: undefined }, as(ACCOUNTANT)),
    notTheOwner,
  );
  await assert.rejects(billing.createStatement({ month: { year: 2026, month: 1 } }, as(ALICE)), notTheOwner);
  await assert.rejects(lookup.lookUpInvoice({ bookingId: 1n }), notTheOwner);
});

test('without shared tables a service that owns nothing says so, and serves when it owns', async (t) => {
  const { url, database } = await ownDatabase(t, { owner: null });
  const { billing, health, ownership } = await startBilling(
    t,
    environmentOf({ databaseUrl: url, acquirerUrl: NOWHERE }),
  );
  await assert.rejects(billing.getInvoice({ invoiceId: 1n }, as(ALICE)), { code: 'UNAVAILABLE' });
  assert.equal(await health(), 'NOT_SERVING');
  await recordOwner(url, 'monolith');
  await until(
    () =>
      billing.getInvoice({ invoiceId: 1n }, as(ALICE)).then(
        () => false,
        ({ reason }) => reason === 'NOT_THE_OWNER',
      ),
    LONG,
  );
  assert.equal((await ownership.listOwnership({})).ownerships[0]?.data, 'SERVICE_DATA_NONE');
  await database.query("UPDATE banyan.own SET owner = 'service', epoch = epoch + 1");
  await until(async () => (await health()) === 'SERVING', LONG);
  await assert.rejects(billing.getInvoice({ invoiceId: 1n }, as(ALICE)), { reason: 'INVOICE_NOT_FOUND' });
});

test("events are left in their queue while billing is not this service's, and taken once it is", async (t) => {
  const { billing, database, metrics, queues, placed } = await startWorld(t);
  const invoiceId = await placed(1n);
  const setOwner = (owner: string) =>
    database.query('UPDATE banyan.own SET owner = $1, epoch = epoch + 1', [owner]);
  await setOwner('monolith');
  const refund = { paymentId: invoiceId, reason: 'x', amount: undefined };
  await until(
    () => billing.refundPayment(refund, as(ACCOUNTANT)).catch(({ reason }) => reason === 'NOT_THE_OWNER'),
    LONG,
  );
  const told = queues.deliver(bookingPlaced(3n));
  const more = queues.deliver(bookingPlaced(5n));
  const isOver = await Promise.race(
    [told, more].map((each) => each.then(() => true)).concat(pause(500, false)),
  );
  assert.equal(isOver, false);
  assert.equal(await queues.waiting(), 2);
  // The look into the queue that was under way may have found one, no more.
  const faults = /^queue_event_faults_total{.*} (\d+)$/m.exec((await metrics.render()).text)?.[1] ?? '0';
  assert.ok(Number(faults) <= 1, `${faults} attempts`);
  await setOwner('service');
  await Promise.all([told, more]);
  const { rows } = await database.query('SELECT count(*)::int AS n FROM invoices');
  assert.deepEqual(rows, [{ n: 3 }]);
});

test('the database itself refuses an event to a side that is not the owner, also one that changes no invoice', async (t) => {
  const { database } = await ownDatabase(t, { owner: 'monolith' });
  const storage = createOwnStorage({ database, now: () => new Date(), newId: randomUUID });
  const notOurs = { code: 'BNY01' };
  await assert.rejects(storage.closeBooking(randomUUID(), 1n, { kind: 'expired' }), notOurs);
  await assert.rejects(storage.takeNote(randomUUID()), notOurs);
  const { rows } = await database.query('SELECT 1 FROM inbox UNION ALL SELECT 1 FROM early_closings');
  assert.equal(rows.length, 0);
});

test('a charge that was made while the owner changed is not known, never given up', async (t) => {
  let acquirerUrl = '';
  const relay = await startAcquirerRelay(t, () => acquirerUrl);
  const { billing, placed, database, acquirer } = await startWorld(t, {
    ACQUIRER_URL: relay.url,
    ACQUIRER_DEADLINE_MS: '15000',
  });
  acquirerUrl = acquirer.url;
  const invoiceId = await placed(1n);
  const charge = relay.hold();
  const paying = billing.payInvoice({ invoiceId, card: card(), amount: undefined }, as(ALICE));
  paying.catch(() => undefined);
  await until(async () => (await database.query('SELECT 1 FROM payments')).rowCount, LONG);
  await database.query("UPDATE banyan.own SET owner = 'monolith', epoch = epoch + 1");
  charge();
  await assert.rejects(paying, { reason: 'OUTCOME_UNKNOWN' });
  assert.equal(acquirer.ledger.movements().length, 1);
  const { rows } = await database.query<{ result: string }>('SELECT result FROM payments');
  assert.deepEqual(rows, [{ result: 'PENDING' }]);
});

test('without its database a service waits, says so, and recovers by itself, at its start and later', async (t) => {
  const { url } = await ownDatabase(t);
  const name = new URL(url).pathname.slice(1);
  const server = new URL(url);
  server.pathname = '/postgres';
  const admin = open(t, server.href, 'public');
  const setReachable = async (reachable: boolean): Promise<void> => {
    const [from, to] = reachable ? [`${name}_away`, name] : [name, `${name}_away`];
    await until(async () => {
      await admin.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [from]);
      await admin.query(`ALTER DATABASE ${from} RENAME TO ${to}`);
      return true;
    }, LONG);
  };
  await setReachable(false);
  const { billing, health } = await startBilling(
    t,
    environmentOf({ databaseUrl: url, acquirerUrl: NOWHERE }),
  );
  const get = () => billing.getInvoice({ invoiceId: 1n }, as(ALICE));
  const away = { code: 'UNAVAILABLE', reason: 'DATABASE_UNAVAILABLE' };
  for (let round = 1; round <= 2; round += 1) {
    await until(async () => (await health()) === 'NOT_SERVING', LONG);
    await assert.rejects(get(), away);
    await setReachable(true);
    await until(async () => (await health()) === 'SERVING', LONG);
    await assert.rejects(get(), { reason: 'INVOICE_NOT_FOUND' });
    if (round === 1) await setReachable(false);
  }
});

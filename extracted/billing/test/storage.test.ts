import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { type InvoiceRow, SELECT_INVOICES } from '@meridian/monolith/billing/invoice';
import { renderInvoice as renderAsMonolith } from '@meridian/monolith/billing/pdf/invoice-document';
import pg from 'pg';
import { renderInvoice } from '../src/document/invoice-document.ts';
import { readEvent } from '../src/events/from-wire.ts';
import { createOwnStorage } from '../src/storage/own-storage.ts';
import type { BillingStorage } from '../src/storage/port.ts';
import { createSharedStorage } from '../src/storage/shared-storage.ts';
import { fillOwn, ownDatabase, sharedDatabase } from './support/databases.ts';
import { bookingPlaced } from './support/events.ts';

/** What every storage gives for the state of the small seed; `now` of the copies is never compared. */
async function readAll(storage: BillingStorage) {
  const first = await storage.listInvoices({}, { size: 50, skip: 0n });
  const next = await storage.listInvoices(
    {},
    { size: 50, skip: 0n, before: first.invoices.at(-1)?.id ?? 0n },
  );
  const skipped = await storage.listInvoices({}, { size: 50, skip: 50n });
  assert.deepEqual(next, { ...skipped, total: first.total });
  const some = first.invoices[7];
  const paid = first.invoices.find(({ payments }) => payments.length > 0);
  assert.ok(some && paid);
  const exported: unknown[] = [];
  for await (const batch of storage.exportInvoices({}, new AbortController().signal)) exported.push(...batch);
  assert.equal(BigInt(exported.length), first.total);
  return {
    first,
    next,
    exported,
    last: await storage.listInvoices({}, { size: 100, skip: first.total - 1n }),
    beyond: await storage.listInvoices({}, { size: 10, skip: first.total + 5n }),
    byStatus: await storage.listInvoices({ status: 'PAID' }, { size: 3, skip: 0n }),
    byAccount: await storage.listInvoices({ accountId: some.accountId }, { size: 100, skip: 0n }),
    byLedger: await storage.listInvoices({ ledgerReference: some.ledgerReference }, { size: 9, skip: 0n }),
    byDay: await storage.listInvoices(
      { issuedFrom: some.issuedAt, issuedBefore: new Date(some.issuedAt.getTime() + 1) },
      { size: 9, skip: 0n },
    ),
    one: await storage.findInvoice(some.id),
    ofBooking: await storage.findInvoiceOfBooking(some.bookingId),
    ofPayment: await storage.findInvoiceOfPayment(paid.payments[0]?.id ?? 0n),
    noInvoice: await storage.findInvoice(999_999_999n),
    noStatement: await storage.findStatement(999_999_999n),
    account: await storage.accountExists(1n),
    noAccount: await storage.accountExists(999_999_999n),
  };
}

async function bothStorages(t: TestContext) {
  const shared = await sharedDatabase(t);
  const own = await fillOwn(t, shared.url);
  const parts = { database: own, now: () => new Date(), newId: () => '' };
  return { url: shared.url, own: createOwnStorage(parts), shared: createSharedStorage(shared.database) };
}

test('both storages give the same answers for the same state', async (t) => {
  const { own, shared } = await bothStorages(t);
  const [mine, theirs] = [await readAll(own), await readAll(shared)];
  assert.deepEqual(mine, theirs);
  assert.equal(mine.one?.id, mine.first.invoices[7]?.id);
  assert.deepEqual(mine.ofBooking, mine.one);
  assert.ok(mine.byLedger.invoices[0]?.ledgerReference ?? 0n > 2n ** 53n);
  assert.deepEqual(
    [mine.noInvoice, mine.noStatement, mine.account, mine.noAccount],
    [null, null, true, false],
  );
});

test('what a statement says is the same from both', async (t) => {
  const { own, shared, url } = await bothStorages(t);
  const month = { year: 2026, month: 11 };
  const { first } = { first: await own.listInvoices({ status: 'PAID' }, { size: 1, skip: 0n }) };
  const accountId = first.invoices[0]?.accountId ?? 0n;
  const requestHash = Buffer.from('of the request');
  const requestKey = { accountId, operation: 'CreateStatement', key: 'key', requestHash } as const;
  const drawnUp = await own.createStatement({ accountId, month, requestKey });
  assert.ok(drawnUp.kind === 'made');
  const made = drawnUp.value;
  assert.deepEqual(await own.findStatement(made.id), made);
  // Two under one key may both have found that it is not known yet.
  const again = await own.createStatement({ accountId, month, requestKey });
  assert.deepEqual(again, { kind: 'known', known: { requestHash, madeId: made.id, answer: null } });
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { billingDataPlan } = await import('../data-plan.ts');
    const plan = billingDataPlan.tables.find(({ table }) => table === 'statements');
    await client.query('SET search_path = billing');
    const { rows } = await client.query(plan?.toMonolith ?? '');
    await client.query(
      'INSERT INTO public.statements SELECT * FROM json_populate_recordset(NULL::public.statements, $1)',
      [JSON.stringify(rows)],
    );
  } finally {
    await client.end();
  }
  assert.deepEqual(await shared.findStatement(made.id), made);
});

test('events are written with the trace of the call that wrote them', async (t) => {
  const { database } = await ownDatabase(t);
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const parts = { database, now: () => new Date(), newId: randomUUID, traceparent: () => traceparent };
  const storage = createOwnStorage(parts);
  const placed = readEvent(bookingPlaced(1n));
  assert.ok(placed.news.kind === 'placed');
  await storage.placeInvoice(placed.id, placed.news.booking);
  const invoiceId = (await storage.findInvoiceOfBooking(1n))?.id ?? 0n;
  const payment = {
    paymentId: 2n,
    invoiceId,
    cardBrand: 'VISA',
    cardLast4: '4242',
    requestKey: null,
  } as const;
  await storage.beginPayment(payment);
  await storage.settlePayment(2n, { kind: 'approved', ref: 'charge' });
  const refund = { paymentId: 2n, amountMinor: null, reason: 'Goodwill', requestKey: null };
  const begun = await storage.beginRefund(refund);
  assert.ok(begun.kind === 'made');
  await storage.settleRefund(begun.value, { kind: 'refunded', ref: 'refund' });
  const { rows } = await database.query('SELECT type, trace_parent FROM outbox ORDER BY type');
  assert.deepEqual(rows, [
    { type: 'invoicePaid', trace_parent: traceparent },
    { type: 'invoiceRefunded', trace_parent: traceparent },
  ]);
});

test('a shared storage refuses every write by name, and its role could write nothing', async (t) => {
  const shared = await sharedDatabase(t);
  const storage = createSharedStorage(shared.database);
  const wanted = { accountId: 1n, month: { year: 2026, month: 1 }, requestKey: null };
  await assert.rejects(storage.createStatement(wanted), { reason: 'NOT_THE_OWNER' });
  await assert.rejects(storage.newPaymentId(), { reason: 'NOT_THE_OWNER' });
  await assert.rejects(shared.database.query('DELETE FROM public.invoices'), /permission denied|read-only/);
});

test("every invoice's document has the bytes of the monolith's", async (t) => {
  const { own, url } = await bothStorages(t);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<InvoiceRow>(
      `${SELECT_INVOICES} WHERE i.id IN (SELECT min(id) FROM invoices GROUP BY status) OR i.id < 12`,
    );
    assert.ok(rows.length > 5);
    for (const row of rows) {
      const invoice = await own.findInvoice(BigInt(row.id));
      assert.ok(invoice);
      assert.ok((await renderInvoice(invoice)).equals(await renderAsMonolith(row)), `invoice ${row.id}`);
    }
  } finally {
    await client.end();
  }
});

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { InvoiceLookupServiceClient } from '@banyan/contracts/billing/v1/billing';
import { createServiceClient } from '@banyan/service-kit/client';
import { until } from '@banyan/stack/testing/until';
import { ACCOUNTANT, AGENT, ALICE, as, BOB, card, LONG, PARTNER, startWorld } from './support/world.ts';

const NO_FILTER = {
  pageSize: 0,
  pageToken: '',
  skip: 0n,
  status: 'INVOICE_STATUS_UNSPECIFIED' as const,
  issuedFrom: undefined,
  issuedBefore: undefined,
};

test('reads: own invoices, pages by token and by skip, roles as the contract has them', async (t) => {
  const { billing, placed } = await startWorld(t);
  for (let id = 1n; id <= 5n; id += 1n) await placed(id * 2n - 1n, { accountId: id === 5n ? 2n : 1n });
  const one = await billing.listInvoices({ ...NO_FILTER, pageSize: 3 }, as(ALICE));
  assert.deepEqual([one.invoices.map(({ bookingId }) => bookingId), one.totalSize], [[7n, 5n, 3n], 4n]);
  const two = await billing.listInvoices(
    { ...NO_FILTER, pageSize: 3, pageToken: one.nextPageToken },
    as(ALICE),
  );
  assert.deepEqual([two.invoices.map(({ bookingId }) => bookingId), two.nextPageToken], [[1n], '']);
  const skipped = await billing.listInvoices({ ...NO_FILTER, pageSize: 1, skip: 1n }, as(ALICE));
  assert.equal(skipped.invoices[0]?.bookingId, 5n);
  // An account filter is the accountant's alone.
  const foreign = await billing.listInvoices({ ...NO_FILTER, accountId: 2n }, as(ALICE));
  assert.equal(foreign.totalSize, 4n);
  assert.equal((await billing.listInvoices({ ...NO_FILTER, accountId: 2n }, as(ACCOUNTANT))).totalSize, 1n);
  assert.equal((await billing.listInvoices(NO_FILTER, as(PARTNER))).totalSize, 0n);
  await assert.rejects(billing.listInvoices(NO_FILTER, as(AGENT)), { reason: 'ROLE_FORBIDDEN' });

  const [invoice] = one.invoices;
  assert.ok(invoice);
  assert.equal(invoice.ledgerReference, 9007199254740993n + 2n * invoice.id);
  assert.equal(invoice.number, 'INV-00000000007');
  assert.deepEqual(invoice.total, { currencyCode: 'EUR', units: 896n, nanos: 0 });
  const { id } = invoice;
  await assert.rejects(billing.getInvoice({ invoiceId: id }, as(BOB)), {
    code: 'PERMISSION_DENIED',
    reason: 'FOREIGN_INVOICE',
    domain: 'billing',
  });
  await assert.rejects(billing.getInvoice({ invoiceId: 999n }, as(BOB)), { reason: 'INVOICE_NOT_FOUND' });
  assert.deepEqual((await billing.getInvoice({ invoiceId: id }, as(AGENT))).invoice, invoice);
  assert.deepEqual((await billing.getBookingInvoice({ bookingId: 7n }, as(ACCOUNTANT))).invoice, invoice);
  await assert.rejects(billing.getInvoice({ invoiceId: id }), { code: 'UNAUTHENTICATED' });
  await assert.rejects(
    billing.listInvoices({ ...NO_FILTER, pageSize: 101, pageToken: 'x', skip: -1n }, as(ALICE)),
    {
      reason: 'INVALID_FIELDS',
      violations: [
        { field: 'page_size', description: 'invalid' },
        { field: 'skip', description: 'invalid' },
        { field: 'page_token', description: 'invalid' },
      ],
    },
  );
});

test('a document comes in parts that make the whole; an export in batches', async (t) => {
  const { billing, placed } = await startWorld(t);
  const invoiceId = await placed(1n);
  const read = async (offsetBytes: bigint, lengthBytes: bigint) => {
    const chunks: Uint8Array[] = [];
    let facts: { sizeBytes: bigint; sha256: string; fileName: string } | undefined;
    for await (const { part } of billing.getInvoiceDocument(
      { invoiceId, offsetBytes, lengthBytes },
      as(ALICE),
    )) {
      if (part?.$case === 'facts') facts = part.value;
      else if (part) chunks.push(part.value);
    }
    return { facts, bytes: Buffer.concat(chunks) };
  };
  const whole = await read(0n, 0n);
  assert.equal(whole.facts?.fileName, 'INV-00000000001.pdf');
  assert.equal(BigInt(whole.bytes.length), whole.facts?.sizeBytes);
  assert.equal(createHash('sha256').update(whole.bytes).digest('hex'), whole.facts?.sha256);
  assert.ok((await read(10n, 20n)).bytes.equals(whole.bytes.subarray(10, 30)));
  assert.equal((await read(BigInt(whole.bytes.length), 0n)).bytes.length, 0);

  const rows: bigint[] = [];
  const wanted = { issuedFrom: undefined, issuedBefore: undefined };
  for await (const { invoices } of billing.exportInvoices(wanted, as(ACCOUNTANT)))
    rows.push(...invoices.map(({ id }) => id));
  assert.deepEqual(rows, [invoiceId]);
  await assert.rejects(
    async () => {
      for await (const _ of billing.exportInvoices(wanted, as(ALICE)));
    },
    { reason: 'ROLE_FORBIDDEN' },
  );
});

test('statements: drawn up once, kept, for whom they are', async (t) => {
  const { billing, placed } = await startWorld(t);
  const invoiceId = await placed(1n);
  await billing.payInvoice({ invoiceId, card: card(), amount: undefined }, as(ALICE));
  const month = { year: new Date().getUTCFullYear(), month: new Date().getUTCMonth() + 1 };
  const { statement } = await billing.createStatement({ month }, as(ALICE));
  assert.ok(statement);
  assert.ok(statement.lines.some(({ kind }) => kind === 'STATEMENT_LINE_KIND_PAYMENT'));
  assert.deepEqual(
    (await billing.getStatement({ statementId: statement.id }, as(ACCOUNTANT))).statement,
    statement,
  );
  await assert.rejects(billing.getStatement({ statementId: statement.id }, as(BOB)), {
    reason: 'STATEMENT_NOT_FOUND',
  });
  const asked = (accountId: bigint | undefined, wanted = month) =>
    billing.createStatement({ month: wanted, accountId }, as(ACCOUNTANT));
  await assert.rejects(asked(undefined, { year: 2999, month: 13 }), {
    violations: [
      { field: 'month', description: 'invalid' },
      { field: 'account_id', description: 'required' },
    ],
  });
  await assert.rejects(asked(999n), { reason: 'ACCOUNT_NOT_FOUND' });
  // In no copy yet, but known to the authority.
  assert.equal((await asked(77n)).statement?.accountId, 77n);
  await assert.rejects(billing.createStatement({ month }, as(AGENT)), { reason: 'ROLE_FORBIDDEN' });
});

test('a statement is drawn up once under a key, which stands for one request', async (t) => {
  const { billing, database } = await startWorld(t);
  const month = { year: 2026, month: 1 };
  const idempotencyKey = 'job:41';
  const first = await billing.createStatement({ month, idempotencyKey }, as(ALICE));
  assert.equal(first.replayed, false);
  const again = await billing.createStatement({ month, idempotencyKey }, as(ALICE));
  assert.deepEqual(again, { ...first, replayed: true });
  const other = { month: { year: 2026, month: 2 }, idempotencyKey };
  await assert.rejects(billing.createStatement(other, as(ALICE)), { reason: 'IDEMPOTENCY_KEY_REUSED' });
  // Another caller's key is another key, and so is that of a request that was refused.
  await assert.rejects(billing.createStatement({ month, idempotencyKey: 'x y' }, as(BOB)), {
    violations: [{ field: 'idempotency_key', description: 'invalid' }],
  });
  const future = { month: { year: 2999, month: 1 }, idempotencyKey };
  await assert.rejects(billing.createStatement(future, as(BOB)), { reason: 'INVALID_FIELDS' });
  assert.equal((await billing.createStatement({ month, idempotencyKey }, as(BOB))).replayed, false);

  // While it is being drawn up, nobody waits for it.
  await database.transaction(async (tx) => {
    await tx.query('LOCK TABLE statements IN ACCESS EXCLUSIVE MODE');
    const [slow, early] = [1, 2].map(() =>
      billing.createStatement({ month, idempotencyKey: 'job:43' }, as(ALICE)).then(
        () => 'made',
        ({ reason }) => reason,
      ),
    );
    assert.equal(await Promise.race([slow, early]), 'IDEMPOTENCY_KEY_IN_USE');
  });
  await until(
    async () => (await billing.createStatement({ month, idempotencyKey: 'job:43' }, as(ALICE))).replayed,
    LONG,
  );
  const { rows } = await database.query('SELECT account_id FROM statements ORDER BY id');
  assert.deepEqual(rows, [{ account_id: 1n }, { account_id: 2n }, { account_id: 1n }]);
});

test('a look-up is for services that know the token', async (t) => {
  const { lookup, target, placed } = await startWorld(t);
  const client = createServiceClient(InvoiceLookupServiceClient, target, { token: 'another-of-the-tests' });
  t.after(() => client.close());
  const stranger = client.api;
  await placed(9n);
  assert.equal((await lookup.lookUpInvoice({ bookingId: 9n })).invoice?.bookingId, 9n);
  await assert.rejects(lookup.lookUpInvoice({ bookingId: 11n }), { reason: 'INVOICE_NOT_FOUND' });
  await assert.rejects(stranger.lookUpInvoice({ bookingId: 9n }), { code: 'UNAUTHENTICATED' });
});

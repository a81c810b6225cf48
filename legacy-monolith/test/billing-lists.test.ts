import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { get } from 'node:http';
import { test } from 'node:test';
import type { Pool } from 'pg';
import { listInvoices } from '../src/billing/invoice-queries.ts';
import { book, CARDS, pay, startWorld } from './billing-world.ts';

const cents = (amount: string): number => Math.round(Number(amount) * 100);

test('invoices are listed newest first, by page, with exact references and filters', async (t) => {
  const world = await startWorld(t);
  const accountant = await world.logIn('accounts@meridian.example');
  const page = await accountant('GET', '/invoices?per_page=3&status=PAID&page=2');
  assert.equal(page.body.length, 3);
  const link = page.headers.get('Link') ?? '';
  assert.match(link, /<\/api\/v1\/invoices\?status=PAID&page=1&per_page=3>; rel="first"/);
  assert.match(link, /rel="prev".*rel="next".*rel="last"/);
  const ids = page.body.map(({ id }: { id: number }) => id);
  assert.deepEqual(
    ids,
    ids.toSorted((one: number, other: number) => other - one),
  );
  const { rows } = await world.pool.query(`SELECT count(*) AS n FROM invoices WHERE status = 'PAID'`);
  assert.equal(page.headers.get('X-Total-Count'), rows[0].n);

  const [, reference] = /"ledger_ref":(\d+)/.exec(page.text) ?? [];
  assert.notEqual(String(Number(reference)), reference, 'no double holds it');
  const byReference = await accountant('GET', `/invoices?ledger_ref=${reference}`);
  assert.equal(byReference.body.length, 1);
  assert.equal(byReference.body[0].id, ids[0]);
  const neighbour = BigInt(reference as string) + 1n;
  assert.equal((await accountant('GET', `/invoices?ledger_ref=${neighbour}`)).text, '[]');

  const bad = await accountant('GET', '/invoices?status=x&booking_id=y&ledger_ref=1.5&issued_to=2026-02-30');
  assert.equal(bad.status, 422);
  assert.deepEqual(
    bad.body.errors.map(({ field }: { field: string }) => field),
    ['status', 'booking_id', 'ledger_ref', 'issued_to'],
  );
});

test('a late page gathers the parts of its own invoices only', async (t) => {
  const world = await startWorld(t);
  const { rows } = await world.pool.query('SELECT count(*)::integer AS n FROM invoices');
  assert.ok(rows[0].n > 20, 'there are pages to skip');
  const plans: Plan[] = [];
  const explaining = {
    query: async (sql: string, values: unknown[]) => {
      const explained = await world.pool.query(`EXPLAIN (ANALYZE, FORMAT JSON) ${sql}`, values);
      plans.push(explained.rows[0]['QUERY PLAN'][0].Plan);
      return { rows: [{}] };
    },
  } as unknown as Pool;
  await listInvoices(explaining, { filters: [], where: 'true', values: [] }, { page: 4, perPage: 5 });
  const readings = plans.flatMap(nodesOf).filter((node) => node['Relation Name'] === 'payments');
  assert.ok(readings.length > 0, 'payments are read');
  for (const reading of readings) assert.equal(reading['Actual Loops'], 5);
});

type Plan = { 'Relation Name'?: string; 'Actual Loops': number; Plans?: Plan[] };

function nodesOf(plan: Plan): Plan[] {
  return [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];
}

test('customers see their own invoices only; agents none', async (t) => {
  const world = await startWorld(t);
  const alice = await world.logIn('alice@example.com');
  await book(world, alice);
  const own = await alice('GET', '/invoices?account_id=2&per_page=100');
  assert.ok(own.body.length > 0);
  assert.ok(own.body.every(({ account_id }: { account_id: number }) => account_id === 1));
  const agent = await world.logIn('agent@meridian.example');
  assert.equal((await agent('GET', '/invoices')).status, 403);
});

test('the export has every invoice of its days, with trailers that prove it', async (t) => {
  const world = await startWorld(t);
  const accountant = await world.logIn('accounts@meridian.example');
  const alice = await world.logIn('alice@example.com');
  assert.equal((await alice('GET', '/invoices/export.csv')).status, 403);
  const bad = await accountant('GET', '/invoices/export.csv?from=x&to=2026-13-01');
  assert.deepEqual(
    bad.body.errors.map(({ field }: { field: string }) => field),
    ['from', 'to'],
  );
  const session = await accountant('GET', '/session');
  const cookie = (session.headers.getSetCookie()[0] as string).split(';')[0] as string;
  const { text, trailers } = await new Promise<{ text: string; trailers: NodeJS.Dict<string> }>(
    (resolve, reject) => {
      const url = `${world.url}/api/v1/invoices/export.csv?from=2026-01-01&to=2026-12-31`;
      get(url, { headers: { Cookie: cookie } }, (res) => {
        const chunks: Buffer[] = [];
        res.on('data', (chunk) => chunks.push(chunk));
        res.on('end', () => resolve({ text: Buffer.concat(chunks).toString(), trailers: res.trailers }));
      }).on('error', reject);
    },
  );
  const lines = text.split('\r\n');
  assert.equal(
    lines[0],
    'id,number,booking_id,account_id,status,currency,net,tax,total,paid,refunded,ledger_ref,issued_at,paid_at',
  );
  assert.equal(trailers['x-row-count'], String(lines.length - 2));
  assert.equal(trailers['x-content-sha256'], createHash('sha256').update(text).digest('hex'));
  const { rows } = await world.pool.query(
    `SELECT count(*) AS n FROM invoices WHERE issued_at >= '2026-01-01' AND issued_at < '2027-01-01'`,
  );
  assert.equal(trailers['x-row-count'], rows[0].n);
});

test('a statement adds up, carries over from month to month, and is stored as it was sent', async (t) => {
  const world = await startWorld(t);
  const alice = await world.logIn('alice@example.com');
  const paid = await book(world, alice, 'FLEX');
  await pay(alice, paid, CARDS.approved);
  await alice('DELETE', `/bookings/${paid.bookingId}`);
  await book(world, alice);

  const october = (await alice('POST', '/statements', { body: { month: '2026-10' } })).body;
  const answer = await alice('POST', '/statements', { body: { month: '2026-11', account_id: 2 } });
  assert.equal(answer.status, 201, answer.text);
  const november = answer.body;
  assert.equal(november.account_id, 1);
  assert.deepEqual(Object.keys(november), [
    'id',
    'account_id',
    'month',
    'currency',
    'opening_balance',
    'invoiced',
    'paid',
    'refunded',
    'closing_balance',
    'lines',
    'generated_at',
  ]);
  assert.equal(november.opening_balance, october.closing_balance);
  for (const statement of [october, november]) {
    const sum = (kind: string) =>
      statement.lines
        .filter((line: { kind: string }) => line.kind === kind)
        .reduce((total: number, line: { amount: string }) => total + cents(line.amount), 0);
    assert.equal(cents(statement.invoiced), sum('INVOICE'));
    assert.equal(cents(statement.paid), sum('PAYMENT'));
    assert.equal(cents(statement.refunded), sum('REFUND'));
    assert.equal(
      cents(statement.closing_balance),
      cents(statement.opening_balance) + sum('INVOICE') - sum('PAYMENT') + sum('REFUND'),
    );
    const times = statement.lines.map(({ at }: { at: string }) => at);
    assert.deepEqual(times, times.toSorted());
  }
  assert.ok(november.lines.some(({ kind }: { kind: string }) => kind === 'REFUND'));
  const { rows } = await world.pool.query('SELECT body::text FROM statements WHERE id = $1', [november.id]);
  assert.equal(rows[0].body, answer.text);
});

test('whose statement, and of which month: all faults at once', async (t) => {
  const world = await startWorld(t);
  const alice = await world.logIn('alice@example.com');
  const accountant = await world.logIn('accounts@meridian.example');
  const agent = await world.logIn('agent@meridian.example');
  const of = (client: typeof alice, body: object) => client('POST', '/statements', { body });
  assert.equal((await of(agent, { month: '2026-10' })).status, 403);
  for (const month of ['2026-13', '2026-12', '26-10', '', null, 7]) {
    assert.equal((await of(alice, { month })).status, 422, String(month));
  }
  const faulty = await of(accountant, { month: 'x' });
  assert.deepEqual(
    faulty.body.errors.map(({ field }: { field: string }) => field),
    ['month', 'account_id'],
  );
  const unknown = await of(accountant, { month: '2026-10', account_id: 987_654_321 });
  assert.deepEqual(unknown.body, { errors: [{ field: 'account_id', msg: 'No such account.' }] });
  assert.equal((await of(accountant, { month: '2026-10', account_id: '1' })).status, 201);
});

import assert from 'node:assert/strict';
import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Acquirer, type AcquirerOptions, createAcquirer } from '../src/acquirer/acquirer.ts';

const OTHER_CARD = '4111111111111111';

async function startAcquirer(t: TestContext, options: Partial<AcquirerOptions> = {}): Promise<Acquirer> {
  const acquirer = await createAcquirer({ port: 0, shortWaitMs: 30, longWaitMs: 150, ...options });
  t.after(() => acquirer.stop());
  return acquirer;
}

function post(acquirer: Acquirer, path: string, key: string | null, body: object): Promise<Response> {
  return fetch(`${acquirer.url}${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...(key === null ? {} : { 'Idempotency-Key': key }) },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(60_000),
  });
}

const charge = (amount: string, card_number = OTHER_CARD) => ({
  amount,
  currency: 'EUR',
  card_number,
  expiry: '12/30',
  cvc: '123',
  card_holder: 'Ada Lovelace',
  reference: 'INV-1',
});

test('a charge is answered once under its key, and again on asking; another payload is refused', async (t) => {
  const acquirer = await startAcquirer(t);
  const first = await post(acquirer, '/charges', 'k1', charge('412.50'));
  assert.equal(first.status, 201);
  const body = (await first.json()) as Record<string, unknown>;
  assert.match(String(body.id), /^ch_[0-9a-f]{24}$/);
  assert.equal(body.result, 'APPROVED');
  assert.equal(body.decline_reason, null);

  const again = await post(acquirer, '/charges', 'k1', charge('412.50'));
  assert.equal(again.status, 200);
  assert.equal(again.headers.get('Idempotency-Replayed'), 'true');
  assert.deepEqual(await again.json(), body);

  assert.equal((await post(acquirer, '/charges', 'k1', charge('412.51'))).status, 422);
  assert.deepEqual(await (await fetch(`${acquirer.url}/charges/k1`)).json(), body);
  assert.equal((await fetch(`${acquirer.url}/charges/k2`)).status, 404);
  assert.equal((await post(acquirer, '/charges', null, charge('1.00'))).status, 400);
  assert.equal(acquirer.ledger.movements().length, 1);
});

test('a refund moves no more than is left of its charge', async (t) => {
  const acquirer = await startAcquirer(t);
  const made = (await (await post(acquirer, '/charges', 'c', charge('100.00'))).json()) as { id: string };
  const refund = (amount: string) => ({ charge_id: made.id, amount, currency: 'EUR' });
  assert.equal((await post(acquirer, '/refunds', 'r1', refund('60.00'))).status, 201);
  assert.equal((await post(acquirer, '/refunds', 'r1', refund('60.00'))).status, 200);
  assert.equal((await post(acquirer, '/refunds', 'r2', refund('40.01'))).status, 422);
  assert.equal((await post(acquirer, '/refunds', 'r3', refund('40.00'))).status, 201);
  assert.equal(
    (await post(acquirer, '/refunds', 'r4', { ...refund('1.00'), charge_id: 'ch_none' })).status,
    404,
  );
  const { totals } = (await (await fetch(`${acquirer.url}/ledger`)).json()) as { totals: unknown };
  assert.deepEqual(totals, [
    {
      currency: 'EUR',
      charges: 1,
      charged: '100.00',
      refunds: 2,
      refunded: '100.00',
      balance: '0.00',
      declined: 0,
    },
  ]);
});

const outcomes: [cents: string, answer: number | 'none', rows: number][] = [
  ['01', 201, 1],
  ['02', 201, 1],
  ['03', 201, 1],
  ['10', 201, 1],
  ['11', 201, 1],
  ['12', 'none', 1],
  ['13', 500, 0],
  ['14', 500, 1],
  ['15', 201, 1],
  ['16', 'none', 0],
];

for (const [cents, expected, rows] of outcomes) {
  test(`an amount ending in .${cents} gets ${expected} and leaves ${rows} row(s)`, async (t) => {
    const acquirer = await startAcquirer(t);
    const status = await post(acquirer, '/charges', 'k', charge(`7.${cents}`)).then(
      (response) => response.status,
      () => 'none' as const,
    );
    assert.equal(status, expected);
    assert.equal(acquirer.ledger.movements().length, rows);
  });
}

test('an amount ending in .17 never gets an answer, and stopping is not kept waiting by it', async (t) => {
  const acquirer = await startAcquirer(t);
  const request = fetch(`${acquirer.url}/charges`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': 'k' },
    body: JSON.stringify(charge('7.17')),
    signal: AbortSignal.timeout(200),
  });
  await assert.rejects(request, { name: 'TimeoutError' });
  assert.equal(acquirer.ledger.movements().length, 0);
});

test('while a key is under way a second request is told so, and one row results', async (t) => {
  const acquirer = await startAcquirer(t, { longWaitMs: 3_000 });
  const answers = await Promise.all([
    post(acquirer, '/charges', 'k', charge('7.11')),
    post(acquirer, '/charges', 'k', charge('7.11')),
  ]);
  assert.deepEqual(answers.map((answer) => answer.status).sort(), [201, 409]);
  assert.equal(acquirer.ledger.movements().length, 1);
});

test('a full ledger refuses, moves nothing, and still replays what it knows', async (t) => {
  const acquirer = await startAcquirer(t, { ledgerRowsMax: 1 });
  assert.equal((await post(acquirer, '/charges', 'a', charge('1.00'))).status, 201);
  const refused = await post(acquirer, '/charges', 'b', charge('1.00'));
  assert.equal(refused.status, 503);
  assert.equal(((await refused.json()) as { error: string }).error, 'ledger_full');
  assert.equal((await post(acquirer, '/charges', 'a', charge('1.00'))).status, 200);
});

test('the ledger outlives a restart, a half-written last line included, and holds no card number', async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'acquirer-'));
  t.after(() => rm(dataDir, { recursive: true }));
  const lines: string[] = [];
  const log = (entry: object) => void lines.push(JSON.stringify(entry));
  const first = await createAcquirer({ port: 0, dataDir, log });
  await post(first, '/charges', 'k', charge('412.50'));
  await post(first, '/charges', 'bad', { ...charge('412.50'), amount: 'x' });
  await first.stop();
  await appendFile(join(dataDir, 'ledger.jsonl'), '{"kind":"char');

  const second = await startAcquirer(t, { dataDir, log });
  assert.equal((await post(second, '/charges', 'k', charge('412.50'))).status, 200);
  assert.equal((await post(second, '/charges', 'k2', charge('1.00'))).status, 201);
  const kept = await readFile(join(dataDir, 'ledger.jsonl'), 'utf8');
  assert.equal(kept.trim().split('\n').length, 2);
  assert.doesNotMatch(kept + lines.join('\n'), new RegExp(OTHER_CARD));
});

test('a body that is too large or no JSON is refused without being repeated', async (t) => {
  const acquirer = await startAcquirer(t);
  const send = (body: string) =>
    fetch(`${acquirer.url}/charges`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Idempotency-Key': 'k' },
      body,
    });
  assert.equal((await send(`"${'x'.repeat(20_000)}"`)).status, 413);
  const malformed = await send(`{"card_number": ${OTHER_CARD}`);
  assert.equal(malformed.status, 400);
  assert.doesNotMatch(await malformed.text(), new RegExp(OTHER_CARD));
});

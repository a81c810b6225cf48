import assert from 'node:assert/strict';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { freePort } from '@banyan/stack/testing/free-port';
import { createAcquirerClient } from './acquirer-client.ts';

const order = {
  key: 'inv-1-1',
  amount: '10.00',
  currency: 'EUR',
  reference: 'INV-1',
  card: { number: '4242424242424242', expiry: '12/30', cvc: '123', holder: 'Ada' },
};
const row = {
  id: 'ch_1',
  key: order.key,
  result: 'APPROVED',
  decline_reason: null,
  amount: '10.00',
  currency: 'EUR',
};

/** An acquirer of fixed answers: to the charge, and to the look-up (404 by default). */
async function clientOf(t: TestContext, charge: [number, unknown], lookUp?: [number, unknown]) {
  const answers: RequestListener = (req, res) => {
    req.resume();
    req.on('end', () => {
      const [status, body] = req.method === 'POST' ? charge : (lookUp ?? [404, { error: 'unknown_key' }]);
      res.writeHead(status, { 'Content-Type': 'application/json' });
      res.end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  };
  const server = createServer(answers).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return createAcquirerClient({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` });
}

const table: [
  what: string,
  charge: [number, unknown],
  lookUp: [number, unknown] | undefined,
  kind: string,
][] = [
  ['its own row', [201, row], undefined, 'approved'],
  ['its own row, replayed', [200, row], undefined, 'approved'],
  ['a decline', [201, { ...row, result: 'DECLINED', decline_reason: 'stolen_card' }], undefined, 'declined'],
  ["somebody else's row", [201, { ...row, key: 'inv-2-3' }], undefined, 'unknown'],
  ["somebody else's row, its own found", [201, { ...row, key: 'inv-2-3' }], [200, row], 'approved'],
  ['another amount', [201, { ...row, amount: '1.00' }], undefined, 'unknown'],
  ['no JSON', [200, '<html>'], undefined, 'unknown'],
  ['an array', [200, []], undefined, 'unknown'],
  ['an answer without end', [200, 'x'.repeat(100_000)], undefined, 'unknown'],
  ['400', [400, {}], undefined, 'surely-not-charged'],
  ['408', [408, {}], undefined, 'unknown'],
  ['409: under way', [409, {}], undefined, 'unknown'],
  ['422', [422, {}], undefined, 'surely-not-charged'],
  ['500, nothing found', [500, {}], undefined, 'surely-not-charged'],
  ['500, look-up fails', [500, {}], [500, {}], 'unknown'],
  ['500, found', [500, {}], [200, row], 'approved'],
  ['502 of something in between, nothing found', [502, 'bad gateway'], undefined, 'unknown'],
  ['503, full', [503, { error: 'ledger_full' }], undefined, 'surely-not-charged'],
  ['503 of something in between', [503, ''], undefined, 'unknown'],
];

for (const [what, charge, lookUp, kind] of table) {
  test(`a charge answered with ${what} is ${kind}`, async (t) => {
    const client = await clientOf(t, charge, lookUp);
    assert.equal((await client.charge(order)).kind, kind);
  });
}

test('a refused connection is surely not charged; a look-up through it says nothing', async () => {
  const client = createAcquirerClient({ url: `http://127.0.0.1:${await freePort()}` });
  assert.deepEqual(await client.charge(order), { kind: 'surely-not-charged', why: 'ECONNREFUSED' });
  assert.deepEqual(await client.findCharge(order), { kind: 'unreachable', why: 'ECONNREFUSED' });
});

test('a redirect is not followed: the card goes nowhere else', async (t) => {
  const client = await clientOf(t, [307, {}]);
  assert.notEqual((await client.charge(order)).kind, 'approved');
});

test('one charge too many at once is refused before anything is sent', async () => {
  const client = createAcquirerClient({ url: 'http://127.0.0.1:4010', callsMax: 0 });
  assert.deepEqual(await client.charge(order), {
    kind: 'surely-not-charged',
    why: 'too many charges under way',
  });
});

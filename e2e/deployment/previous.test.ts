import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Undo } from '../parity/monolith.ts';
import { type System, startSystem } from './system.ts';
import { checkOut, previousCommit } from './worktree.ts';

/** What a service's build is made of, and a gateway's. */
const SERVICE = ['extracted/billing/src', 'extracted/billing/migrations', 'extracted/service-kit/src'];
const GATEWAY = [
  'gateway/src',
  'extracted/billing/carve-out.ts',
  'extracted/billing/rest',
  'extracted/identity',
];

/** Reads that say the same whoever answers. */
const READS = [
  '/api/v1/invoices',
  '/api/v1/invoices?status=PAID&per_page=3&page=2',
  '/api/v1/invoices/1',
  '/api/v1/bookings/1/invoice',
  '/api/v1/invoices/999999',
  '/api/v1/invoices/nonsense',
  '/api/v1/invoices?status=NONSENSE',
  '/api/v1/invoices/export.csv',
  '/api/v1/invoices/1/pdf',
] as const;

const CARD = { card_number: '4242 4242 4242 4242', expiry: '12/29', cvc: '123', card_holder: 'Alice Martin' };

type Seen = { readonly status: number; readonly type: string | null; readonly body: string };

async function ask(port: number, cookie: string, path: string, json?: object): Promise<Seen> {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: json ? 'POST' : 'GET',
    headers: { Cookie: cookie, ...(json ? { 'Content-Type': 'application/json' } : {}) },
    ...(json ? { body: JSON.stringify(json) } : {}),
  });
  const body = Buffer.from(await answer.arrayBuffer()).toString('latin1');
  return { status: answer.status, type: answer.headers.get('content-type'), body };
}

/** The answers of the monolith, then those of the two builds together, on the same data. */
async function compareBuilds(from: { serviceFrom?: string; gatewayFrom?: string }): Promise<void> {
  const undo: Undo = [];
  const wanted = new Map<string, Seen>();
  try {
    const system = await startSystem({
      ...from,
      undo,
      before: async (port, { accountant }) => {
        for (const path of READS) wanted.set(path, await ask(port, accountant, path));
      },
    });
    for (const path of READS) {
      const got = await ask(system.gatewayPort, system.cookies.accountant, path);
      assert.deepEqual(got, wanted.get(path), path);
    }
    await write(system);
  } finally {
    for (const release of undo.reverse()) await release();
  }
}

async function write({ gatewayPort, cookies }: System): Promise<void> {
  const wanted = { month: '2026-10', account_id: 1 };
  const statement = await ask(gatewayPort, cookies.accountant, '/api/v1/statements', wanted);
  assert.equal(statement.status, 201, statement.body);
  const mine = await ask(gatewayPort, cookies.customer, '/api/v1/invoices?status=PAID');
  const [, invoiceId, total] = /"id":(\d+).*?"total":"([\d.]+)"/.exec(mine.body) ?? [];
  const paid = await ask(gatewayPort, cookies.customer, `/api/v1/invoices/${invoiceId}/payments`, {
    ...CARD,
    amount: total,
  });
  assert.equal(paid.status, 409, paid.body);
}

test('the previous build of billing works behind this gateway', async (t) => {
  const commit = await previousCommit(...SERVICE);
  if (commit === null) return t.skip('there is no history to take it from');
  const { folder, remove } = await checkOut(commit);
  t.diagnostic(`billing of ${commit.slice(0, 9)}`);
  t.after(remove);
  await compareBuilds({ serviceFrom: folder });
});

test('this billing works behind the previous build of the gateway', async (t) => {
  const commit = await previousCommit(...GATEWAY);
  if (commit === null) return t.skip('there is no history to take it from');
  const { folder, remove } = await checkOut(commit);
  t.diagnostic(`gateway of ${commit.slice(0, 9)}`);
  t.after(remove);
  await compareBuilds({ gatewayFrom: folder });
});

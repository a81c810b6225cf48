import type { APIResponse } from '@playwright/test';
import { askAdmin, mintOverride } from '../kit/override.ts';
import { readProof } from '../kit/proofs.ts';
import { expect, test } from './pinned.ts';

async function expectRefused(answer: APIResponse, status: number, detail: RegExp): Promise<void> {
  expect(answer.status()).toBe(status);
  expect(answer.headers()['content-type']).toContain('application/problem+json');
  expect(((await answer.json()) as { detail: string }).detail).toMatch(detail);
  const cookies = answer.headersArray().filter(({ name }) => name.toLowerCase() === 'set-cookie');
  expect(cookies.map(({ value }) => value)).toContain('banyan_override=; Path=/; Max-Age=0');
  expect(readProof(answer.headers())).toBeNull();
}

test('an override that was tampered with is refused, whatever is asked for', async ({
  clientOf,
  tokenFor,
}) => {
  const [head, claims, signature] = (await tokenFor({ billing: 'service' })).split('.');
  const other = Buffer.from(JSON.stringify({ jti: 'x', exp: 9_999_999_999, sides: {} })).toString(
    'base64url',
  );
  for (const token of [`${head}.${other}.${signature}`, `${head}.${claims}.`, 'nonsense']) {
    const client = await clientOf('customer', token);
    for (const path of ['/api/v1/invoices', '/api/v1/flights', '/', '/no/such/page']) {
      await expectRefused(await client.get(path), 400, /override/);
    }
    await expectRefused(await client.post('/api/v1/bookings', { data: {} }), 400, /override/);
  }
});

test('an override that is over is refused from that moment on', async ({ trip, clientOf, tokenFor }) => {
  const client = await clientOf('customer', await tokenFor({ billing: 'service' }, { expiresInSeconds: 2 }));
  const ask = () => client.get(`/api/v1/invoices/${trip.invoice.id}`);
  await expect.poll(async () => (await ask()).status()).toBe(400);
  await expectRefused(await ask(), 400, /ended at/);
});

test('an override of one account serves no other, and nobody without one', async ({
  trip,
  accounts,
  clientOf,
  tokenFor,
}) => {
  const token = await tokenFor({ billing: 'service' }, { account: String(accounts.customer.id) });
  const target = `/api/v1/invoices/${trip.invoice.id}`;
  const own = await (await clientOf('customer', token)).get(target);
  expect(own.status()).toBe(200);
  expect(readProof(own.headers())?.servedBy).toBe('billing');
  await expectRefused(await (await clientOf('rival', token)).get(target), 400, /account/);
  await expectRefused(await (await clientOf('nobody', token)).get(target), 400, /account/);
});

test('what is not legal is not minted: a write by itself, an operation that is none', async ({
  environment,
}) => {
  const wish = (sides: Record<string, string>) =>
    askAdmin(environment, 'POST', '/overrides', { sides, reason: 'a test' });
  expect(await wish({ payInvoice: 'service' })).toMatchObject({
    status: 409,
    body: { type: '/problems/write-follows-owner' },
  });
  expect((await wish({ noSuchOperation: 'service' })).status).toBe(404);
  expect((await wish({ billing: 'canary' })).status).toBe(400);
});

test('an override beats no kill, and holds again when that is lifted', async ({
  environment,
  clientOf,
  tokenFor,
}) => {
  // No other test asks for it: a kill holds for everybody.
  const operation = 'exportBookings';
  const client = await clientOf('agent', await tokenFor({ [operation]: 'service' }));
  const ask = () => client.get('/api/v1/bookings/export.csv?from=2001-01-01&to=2001-01-01');
  expect((await ask()).status()).toBe(200);
  const killed = await askAdmin(environment, 'POST', '/kills', { target: operation, reason: 'a test' });
  expect(killed.status).toBe(201);
  const { id } = (killed.body as { kill: { id: string } }).kill;
  try {
    await expectRefused(await ask(), 409, /kill/);
  } finally {
    await askAdmin(environment, 'POST', `/kills/${id}/lift`, { reason: 'the test is over' });
  }
  expect(readProof((await ask()).headers())?.servedBy).toBe('booking');
});

test.describe('a browser', () => {
  test('loses the cookie of an override that is none, and goes on without', async ({
    page,
    context,
    baseURL,
  }) => {
    await context.addCookies([{ name: 'banyan_override', value: 'nonsense', url: baseURL as string }]);
    const refused = await page.goto('/');
    expect(refused?.status()).toBe(400);
    expect((await context.cookies()).map(({ name }) => name)).not.toContain('banyan_override');
    const after = await page.goto('/');
    expect(after?.status()).toBe(200);
    expect(readProof(after?.headers() ?? {})).toBeNull();
  });

  test('keeps the cookie of one that is good, and its session beside it', async ({
    page,
    context,
    baseURL,
    environment,
  }) => {
    const { cookie } = await mintOverride(environment, { sides: {} });
    await context.addCookies([{ ...cookie, url: baseURL as string }]);
    const shown = await page.goto('/bookings');
    expect(shown?.status()).toBe(200);
    expect(readProof(shown?.headers() ?? {})).toMatchObject({ operation: 'none', servedBy: 'monolith' });
    expect((await context.cookies()).map(({ name }) => name).toSorted()).toEqual(
      ['MERIDIANSESSID', 'banyan_override'].toSorted(),
    );
  });
});

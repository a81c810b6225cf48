import assert from 'node:assert/strict';
import { after, it } from 'node:test';
import { createIdentityVerifier, parseIdentityKeys } from '@banyan/service-kit/identity';
import { createTestDatabase } from '@banyan/stack/testing/database';
import { freePort } from '@banyan/stack/testing/free-port';
import { startMonolith } from '@banyan/stack/testing/processes';
import { until } from '@banyan/stack/testing/until';
import { meridianIdentity } from '@meridian/identity/meridian';
import { createIdentity } from '../../src/identity/identity.ts';
import { openKeyRing } from '../../src/keys/key-ring.ts';
import { createLogSink } from '../../src/telemetry/logger.ts';
import { known, requestHeaders } from './support.ts';

const KEYS = `k1:${Buffer.alloc(32, 9).toString('base64url')}`;

it('a caller is known by the monolith, stands while it is away, and is gone with the log-out', async () => {
  const database = await createTestDatabase('small');
  after(() => database.drop());
  const first = await startMonolith(database.url, { MONOLITH_PORT: String(await freePort()) });
  const { url } = first;
  const log = createLogSink('silent', 1);
  const { ring } = await openKeyRing({ setting: KEYS, onRotated: () => {}, onFault: () => {} });
  assert.ok(ring);
  const identity = createIdentity({
    adapter: meridianIdentity,
    monolith: { url },
    keyRing: ring,
    now: () => Date.now(),
    monotonicMs: () => performance.now(),
    logger: log.logger,
    limits: { freshMs: 50 },
  });
  let running = first;
  after(async () => {
    identity.stop();
    log.close();
    await running.stop();
  });
  const logIn = async (email: string): Promise<string> => {
    const response = await fetch(`${url}/api/v1/session`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ email, password: 'meridian' }),
    });
    return response.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  };
  const ask = (cookie: string) =>
    identity.identify(
      { headers: requestHeaders(['Cookie', cookie]), audience: 'billing' },
      new AbortController().signal,
    );

  const [alice, bob] = [await logIn('alice@example.com'), await logIn('bob@example.com')];
  const answer = known(await ask(alice));
  assert.deepEqual(answer.identity, { account: '1', role: 'customer', name: 'Alice Martin', via: 'session' });
  assert.match(
    answer.renew?.(new Date())[0]?.[1] ?? '',
    new RegExp(`^${alice.replaceAll('.', '\\.')}; Path=/; `),
  );

  // The service takes it for what it says, and only the service that it is for.
  const verifier = (audience: string) => {
    const keys = parseIdentityKeys(KEYS);
    return createIdentityVerifier({ keys: { current: () => keys }, audience, now: () => new Date() });
  };
  assert.deepEqual(verifier('billing').verify(answer.token), {
    accountId: 1n,
    role: 'customer',
    name: 'Alice Martin',
    via: 'session',
  });
  assert.throws(() => verifier('booking').verify(answer.token));

  await running.stop();
  await new Promise((resolve) => setTimeout(resolve, 60));
  assert.equal(known(await ask(alice)).identity.account, '1');
  assert.equal((await ask(bob)).kind, 'unavailable');

  running = await startMonolith(database.url, { MONOLITH_PORT: new URL(url).port });
  await until(async () => (await ask(bob)).kind === 'known', { deadlineMs: 30_000, everyMs: 100 });

  const out = await fetch(`${url}/api/v1/session`, { method: 'DELETE', headers: { Cookie: alice } });
  identity.onOperationEnd(
    { operationId: 'deleteSession', method: 'DELETE', target: '/api/v1/session' },
    () => requestHeaders(['Cookie', alice]),
    out.status,
  );
  const refused = await ask(alice);
  assert.ok(refused.kind === 'relay');
  assert.equal(refused.answer.status, 401);
  assert.equal(
    String(refused.answer.body),
    '{"error":"unauthorized","message":"Please log in or send a valid API key."}',
  );
});

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { createTestRedis } from '../support/redis.ts';
import type { RunningGateway } from '../support/with-gateway.ts';
import { COOKIE } from '../translate/support/with-flights.ts';
import { admin, type RolloutOptions, withRollout } from './support/with-rollout.ts';

type Side = 'service' | 'monolith';

/** Who answers a read. There is no fallback, so that nobody else does. */
async function sideOf({ url }: RunningGateway): Promise<Side | string> {
  const text = await (await fetch(`${url}/flights/4`, { headers: { Cookie: COOKIE } })).text();
  if (text.startsWith('monolith:')) return 'monolith';
  return text.includes('MA4') ? 'service' : text;
}

/** Every version that a gateway says of itself. */
async function versionsOf(running: RunningGateway): Promise<number[]> {
  const ready = await (await fetch(`${running.adminUrl}/readyz`)).json();
  const { asked, replicas } = await (await admin(running, '/replicas')).json();
  const snapshot = await (await admin(running, '/snapshot')).json();
  const metrics = await (await fetch(`${running.adminUrl}/metrics`)).text();
  const [, gauge] = /^banyan_flags_version (\d+)$/m.exec(metrics) ?? [];
  const own = replicas.map(({ version }: { version: number }) => version);
  return [ready.dependencies.flags.version, asked.version, snapshot.version, Number(gauge), ...own];
}

async function flip(running: RunningGateway, stage: Side): Promise<number> {
  const { version } = await (await admin(running, '/snapshot')).json();
  const body = JSON.stringify({ stage, fallback: false, reason: 'of the test' });
  const headers = { 'If-Match': `"${version}"` };
  const answer = await admin(running, '/carve-outs/flights', { method: 'PUT', headers, body });
  assert.equal(answer.status, 200, await answer.text());
  return version + 1;
}

/** Flips to and fro; after each flip another gateway comes, and its first read goes where the flag says. */
async function assertRestarts(optionsOf: (restart: number) => Partial<RolloutOptions>): Promise<void> {
  let expected: { side: Side; version: number } = { side: 'monolith', version: 0 };
  for (const [restart, next] of (['service', 'monolith', 'service', undefined] as const).entries()) {
    expected = await withRollout(optionsOf(restart), async ({ running }) => {
      assert.equal(await sideOf(running), expected.side, `after restart ${restart}`);
      assert.deepEqual(new Set(await versionsOf(running)), new Set([expected.version]));
      if (next === undefined) return expected;
      const version = await flip(running, next);
      assert.equal(await sideOf(running), next);
      return { side: next, version };
    });
  }
}

describe('after a restart a read goes where its flag says', () => {
  const withFolder = async (work: (dataDir: string) => Promise<void>): Promise<void> => {
    const folder = await mkdtemp(join(tmpdir(), 'banyan-restart-'));
    try {
      await work(folder);
    } finally {
      await rm(folder, { recursive: true });
    }
  };

  it('with flags in a file', () => withFolder((dataDir) => assertRestarts(() => ({ dataDir }))));

  it('with flags in Redis, and what it had on disk', async () => {
    await using redis = await createTestRedis();
    await redis.start();
    const env = { REDIS_URL: redis.url };
    await withFolder((dataDir) => assertRestarts(() => ({ dataDir, env })));
  });

  it('with flags in Redis, and nothing on disk', async () => {
    await using redis = await createTestRedis();
    await redis.start();
    const env = { REDIS_URL: redis.url };
    await assertRestarts(() => ({ env }));
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { until } from '@banyan/stack/testing/until';
import { createTestRedis } from '../support/redis.ts';
import { COOKIE } from '../translate/support/with-flights.ts';
import { admin, kill, PATIENT_MS, tokenOf, withRollout } from './support/with-rollout.ts';

const flip = (stage: string, version: number) => ({
  method: 'PUT',
  headers: { 'If-Match': `"${version}"` },
  body: JSON.stringify({ stage, reason: 'of the test' }),
});

describe('the metrics of flags', () => {
  it('follow flips, refusals by kind, kills and overrides', async () => {
    await withRollout({}, async ({ running }) => {
      const sample = async (name: string): Promise<number | undefined> => {
        const text = await (await fetch(`${running.adminUrl}/metrics`)).text();
        const line = text.split('\n').find((each) => each.startsWith(`${name} `));
        return line === undefined ? undefined : Number(line.split(' ')[1]);
      };
      const from = (await sample('banyan_flags_version')) ?? Number.NaN;
      assert.equal(await sample('banyan_flags_adopted_total'), 0);
      assert.equal((await admin(running, '/routes/getFlight', flip('service', from))).status, 200);
      assert.equal((await admin(running, '/routes/getFlight', flip('service', from))).status, 412);
      assert.equal((await admin(running, '/routes/renameFlight', flip('service', from + 1))).status, 409);
      // Reading what is not there is no flip.
      assert.equal((await admin(running, '/routes/nothing')).status, 404);
      await kill(running, 'getFlight');
      const headers = { cookie: COOKIE, 'X-Banyan-Override': await tokenOf({ exportFlights: 'service' }) };
      await (await fetch(`${running.url}/flights.csv`, { headers })).text();
      const wrong = { cookie: COOKIE, 'X-Banyan-Override': 'nonsense' };
      await (await fetch(`${running.url}/flights.csv`, { headers: wrong })).text();
      for (const [name, value] of Object.entries({
        banyan_flags_version: from + 1,
        banyan_flags_adopted_total: 1,
        'banyan_flags_refused_total{kind="stale-version"}': 1,
        'banyan_flags_refused_total{kind="write-follows-owner"}': 1,
        'banyan_flags_refused_total{kind="invalid-override"}': 1,
        banyan_kills_active: 1,
        'banyan_flags_store_state{state="reachable"}': 1,
        banyan_flags_replicas: 1,
        banyan_flags_replica_lag: 0,
        'banyan_overrides_total{side="service"}': 1,
        'banyan_decisions_total{operation="exportFlights",reason="override-service"}': 1,
      })) {
        await until(async () => (await sample(name)) === value, {
          deadlineMs: PATIENT_MS,
          what: `${name} ${value}`,
        });
      }
      assert.equal(await sample('banyan_flags_refused_total{kind="unknown-operation"}'), undefined);
    });
  });

  it('do not tell of replicas while Redis is away, and do when it is back', async () => {
    await using redis = await createTestRedis();
    await redis.start();
    await withRollout({ env: { REDIS_URL: redis.url } }, async ({ running }) => {
      const told = async (): Promise<string[]> => {
        const text = await (await fetch(`${running.adminUrl}/metrics`)).text();
        return text.split('\n').filter((line) => /^banyan_flags_replica(s|_lag) /.test(line));
      };
      const ALONE = ['banyan_flags_replicas 1', 'banyan_flags_replica_lag 0'];
      const tells = (lines: readonly string[]) =>
        until(async () => isDeepStrictEqual(await told(), lines), {
          deadlineMs: PATIENT_MS,
          what: `${lines}`,
        });
      await tells(ALONE);
      await redis.kill();
      await tells([]);
      const replicas = (await (await admin(running, '/replicas')).json()) as { replicas: unknown[] };
      assert.equal(replicas.replicas.length, 1, 'its own line is there all the same');
      await redis.start();
      await tells(ALONE);
    });
  });
});

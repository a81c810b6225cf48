import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { Owner } from '@banyan/contracts/ownership/v1/ownership';
import { until } from '@banyan/stack/testing/until';
import { startTestService } from '../translate/support/test-service.ts';
import { COOKIE, withFlights } from '../translate/support/with-flights.ts';
import { assertRefused, callerOf } from './support/with-admin.ts';

const TOKENS = { BANYAN_ADMIN_TOKEN: 'ann=a-token-of-ann-who-operates' };
const SOON = { deadlineMs: 30_000 };

it('a team compares, moves accounts over, pins a test, finds a lost store again, kills and takes back, by the command alone', async () => {
  await using service = await startTestService(0, Owner.MONOLITH);
  const dataDir = await mkdtemp(join(tmpdir(), 'banyan-cli-tour-'));
  const env = { ...TOKENS, BANYAN_OVERRIDE_KEYS: `k1:${Buffer.alloc(32, 8).toString('base64url')}` };
  try {
    await withFlights(
      { target: service.target, dataDir, env, deadlineMs: 20_000 },
      async ({ url, adminUrl }) => {
        const call = callerOf(adminUrl, TOKENS);
        const done = async (...args: string[]): Promise<string> => {
          const { status, out, err } = await call(...args);
          assert.equal(status, 0, `${args.join(' ')}: ${err}`);
          return out;
        };
        const ask = (headers: Record<string, string> = {}) =>
          fetch(`${url}/flights/9`, { headers: { cookie: COOKIE, ...headers } });
        const answeredBy = async (headers?: Record<string, string>): Promise<string> =>
          (await (await ask(headers)).text()).startsWith('monolith:') ? 'monolith' : 'service';
        const because = ['--reason', 'the tour'];

        const isKnown = async () => /\nflights: the monolith owns \(epoch 1\)/.test(await done('routes'));
        await until(isKnown, SOON);
        // Until the service is heard of, a flip to it is refused.
        const shadow = ['flag', 'set', 'flights', 'shadow', ...because];
        await until(async () => (await call(...shadow)).status === 0, SOON);
        assert.equal(await answeredBy(), 'monolith');
        const isCompared = async () => {
          await (await ask()).text();
          return / 0 equal, \d+ different\n/.test(await done('diff', 'getFlight'));
        };
        await until(isCompared, SOON);
        assert.match(await done('diff', 'getFlight'), /\n {4}monolith 200 +│ service 200\n/);

        const canary = ['flag', 'set', 'getFlight', 'canary', '--weight', '100', ...because];
        await until(async () => (await call(...canary)).status === 0, SOON);
        await until(async () => (await answeredBy()) === 'service', SOON);
        // A request is counted when it has ended, which may be after its answer.
        const isSeen = async () => / flights +\S+ +0 % .* ms\n/.test(await done('routes', 'getFlight'));
        await until(isSeen, SOON);
        const seen = await done('routes', 'getFlight');
        assert.match(seen, /\ngetFlight +read +canary 100 % +monolith .* ms .* by ann: the tour\n/);

        const [name = '', value = ''] = (await done('override', 'flights=monolith', '--header'))
          .trim()
          .split(': ');
        const pinned = await ask({ [name]: value });
        assert.equal(pinned.headers.get('x-banyan-served-by'), 'monolith');
        assert.match(await pinned.text(), /^monolith:/);
        assert.equal(await answeredBy(), 'service');

        const { snapshot } = JSON.parse(
          await done('flag', 'set', 'flights', 'service', ...because, '--json'),
        );
        await rm(join(dataDir, 'flags.json'));
        const back = ['flag', 'set', 'flights', 'monolith', ...because];
        assertRefused(await call(...back), /`banyan flag restore --reason …` gives the store/);
        assert.match(await done('replicas'), /holding less than this replica has served/);
        assert.match(
          await done('flag', 'restore', ...because),
          new RegExp(`^restored \\d flags of ${snapshot.at}, .*\nversion ${snapshot.version + 1}\\b`),
        );
        assert.equal(await answeredBy(), 'service');

        assert.match(
          await done('kill', 'flights', ...because),
          / killed flights \(.*\n {2}at the monolith: getFlight, exportFlights\n/,
        );
        assert.equal(await answeredBy(), 'monolith');
        await done('kill', '--lift', 'all', ...because);
        assert.equal(await answeredBy(), 'service');
        assert.match(
          await done(...back),
          /getFlight +service → monolith\n.*\nrenameFlight +follows its owner: monolith\n/,
        );
        assert.equal(await answeredBy(), 'monolith');

        const audit = await done('audit');
        for (const what of [
          /flights, 2 reads: service → monolith/,
          /lifted the kill of flights/,
          /killed flights/,
          /restored the flags to the store/,
          /override flights=monolith/,
          /getFlight: shadow → canary 100 %/,
        ]) {
          assert.match(audit, what);
        }
      },
    );
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
});

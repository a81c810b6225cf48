import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rename, rm, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Owner } from '@banyan/contracts/ownership/v1/ownership';
import { until } from '@banyan/stack/testing/until';
import { assertDescribed } from './support/admin-contract.ts';
import { startTestService } from './translate/support/test-service.ts';
import { COOKIE, withFlights } from './translate/support/with-flights.ts';

const SOON = { deadlineMs: 45_000 };
const TOKENS = {
  BANYAN_ADMIN_TOKEN: 'ann=a-token-of-ann-who-operates,ci=a-token-of-the-build-machine',
  BANYAN_VIEWER_TOKEN: 'a-token-of-whoever-looks',
};
const ANN = 'a-token-of-ann-who-operates';
const CI = 'a-token-of-the-build-machine';

describe('a migration team with the admin API', () => {
  it('sends accounts to the service, takes it back, kills while the store is away, and finds it all in the audit', async () => {
    await using service = await startTestService(0, Owner.MONOLITH);
    const dataDir = await mkdtemp(join(tmpdir(), 'banyan-tour-'));
    try {
      await withFlights(
        { target: service.target, dataDir, env: TOKENS, deadlineMs: 20_000 },
        async ({ url, adminUrl, logLines }) => {
          const call = async (
            operationId: string,
            method: string,
            path: string,
            body?: unknown,
            { token = ANN, ...headers }: Record<string, string> = {},
          ) => {
            const response = await fetch(`${adminUrl}/admin/v1${path}`, {
              method,
              headers: {
                authorization: `Bearer ${token}`,
                ...(body ? { 'content-type': 'application/json' } : {}),
                ...headers,
              },
              ...(body ? { body: JSON.stringify(body) } : {}),
            });
            const text = await response.text();
            assertDescribed(operationId, response, text);
            return {
              status: response.status,
              etag: response.headers.get('etag') ?? '',
              body: JSON.parse(text),
            };
          };
          const answeredBy = async (): Promise<string> => {
            const answer = await fetch(`${url}/flights/9`, { headers: { cookie: COOKIE } });
            return (await answer.text()).startsWith('monolith:') ? 'monolith' : 'service';
          };
          const isServing = async () =>
            (await (await fetch(`${adminUrl}/readyz`)).json()).dependencies.services.flights.state ===
            'serving';
          await until(isServing, SOON);

          const { body: routes, etag: first } = await call('listRoutes', 'GET', '/routes');
          assert.equal(first, '"0"');
          assert.deepEqual(
            routes.map((route: Record<string, unknown>) => [
              route.operationId,
              route.stage,
              route.legalStages,
            ]),
            [
              ['getFlight', 'monolith', ['monolith', 'shadow', 'canary', 'service']],
              ['renameFlight', 'monolith', []],
              ['pictureFlight', 'monolith', []],
              ['exportFlights', 'monolith', ['monolith', 'shadow', 'canary', 'service']],
              ['getNews', 'monolith', []],
            ],
          );
          assert.equal(await answeredBy(), 'monolith');

          const wish = { stage: 'canary', weightPercent: 12.5, reason: 'first accounts' };
          const behalf = { 'x-banyan-on-behalf-of': 'ann@desk' };
          const set = await call('setCarveOut', 'PUT', '/carve-outs/flights', wish, {
            'if-match': first,
            ...behalf,
          });
          assert.deepEqual([set.status, set.etag], [200, '"1"']);
          assert.deepEqual(set.body.set, ['getFlight', 'exportFlights']);
          assert.deepEqual(set.body.following, [
            { operationId: 'renameFlight', stage: 'monolith' },
            { operationId: 'pictureFlight', stage: 'monolith' },
          ]);
          const { body: canary } = await call('getRoute', 'GET', '/routes/getFlight');
          assert.deepEqual([canary.stage, canary.weightPercent, canary.epoch], ['canary', 12.5, 1]);
          assert.deepEqual([canary.lastFlip.by, canary.lastFlip.version], ['ann', 1]);

          const all = { stage: 'service', reason: 'all of them' };
          const flipped = await call('setCarveOut', 'PUT', '/carve-outs/flights', all, {
            'if-match': set.etag,
          });
          assert.equal(flipped.etag, '"2"');
          assert.equal(await answeredBy(), 'service');

          const back = { stage: 'monolith', reason: 'back' };
          const stale = await call('setRoute', 'PUT', '/routes/getFlight', back, { 'if-match': first });
          assert.deepEqual([stale.status, stale.body.expected, stale.body.current], [412, 0, 2]);
          const write = await call('setRoute', 'PUT', '/routes/renameFlight', back, { 'if-match': '"2"' });
          assert.deepEqual([write.status, write.body.type], [409, '/problems/write-follows-owner']);
          const viewer = { token: TOKENS.BANYAN_VIEWER_TOKEN, 'if-match': '"2"' };
          assert.equal((await call('setRoute', 'PUT', '/routes/getFlight', back, viewer)).status, 403);
          assert.equal(await answeredBy(), 'service', 'what was refused changed nothing');

          const flagsFile = join(dataDir, 'flags.json');
          await rename(flagsFile, `${flagsFile}.aside`);
          await mkdir(flagsFile);
          const refused = await call('setRoute', 'PUT', '/routes/getFlight', back, { 'if-match': '"2"' });
          assert.deepEqual([refused.status, refused.body.type], [503, '/problems/store-away']);
          const killed = await call(
            'kill',
            'POST',
            '/kills',
            { target: 'flights', reason: 'wrong totals' },
            { token: CI },
          );
          assert.deepEqual([killed.status, killed.body.reads], [201, ['getFlight', 'exportFlights']]);
          assert.equal(await answeredBy(), 'monolith', 'a kill is in force when it is answered');
          const { dependencies } = await (await fetch(`${adminUrl}/readyz`)).json();
          assert.deepEqual([dependencies.flags.kills, dependencies.flags.version], [1, 2]);
          assert.equal((await fetch(`${adminUrl}/readyz`)).status, 200);
          await rmdir(flagsFile);
          await rename(`${flagsFile}.aside`, flagsFile);

          const lift = await call('liftKill', 'POST', `/kills/${killed.body.kill.id}/lift`, {
            reason: 'mended',
          });
          assert.equal(lift.body.target, 'flights');
          assert.equal(await answeredBy(), 'service');

          service.setOwner(Owner.SERVICE, 2n);
          await until(async () => {
            const { body } = await call('getRoute', 'GET', '/routes/getFlight');
            return body.owner === 'service';
          }, SOON);
          const unlawful = await call('setRoute', 'PUT', '/routes/getFlight', back, { 'if-match': '"2"' });
          assert.deepEqual([unlawful.status, unlawful.body.reads[0].legalStages], [409, ['service']]);
          const { body: writes } = await call('getRoute', 'GET', '/routes/renameFlight');
          assert.deepEqual(
            [writes.stage, writes.weightPercent, writes.owner, writes.epoch],
            ['service', 100, 'service', 2],
          );
          service.setOwner(Owner.MONOLITH, 3n);
          await until(
            async () => (await call('getRoute', 'GET', '/routes/getFlight')).body.owner === 'monolith',
            SOON,
          );
          const over = await call('setRoute', 'PUT', '/routes/getFlight', back, { 'if-match': '"2"' });
          assert.deepEqual([over.status, over.etag], [200, '"3"']);
          assert.equal(await answeredBy(), 'monolith');

          const { entries } = await until(async () => {
            const { body } = await call('listAudit', 'GET', '/audit');
            return body.entries.length === 5 && !body.isLocal && body;
          }, SOON);
          assert.deepEqual(
            entries.map((entry: Record<string, unknown>) => [
              entry.action,
              entry.target,
              entry.by,
              entry.version,
            ]),
            [
              ['set-route', 'getFlight', 'ann', 3],
              ['lift-kill', 'flights', 'ann', null],
              ['kill', 'flights', 'ci', null],
              ['set-carve-out', 'flights', 'ann', 2],
              ['set-carve-out', 'flights', 'ann', 1],
            ],
          );
          assert.deepEqual([entries[4].onBehalfOf, entries[4].client], ['ann@desk', '127.0.0.1']);
          const changes = (await logLines()).filter(({ msg }) => msg === 'changed by the admin API');
          assert.deepEqual(
            changes.map(({ by, action }) => `${by} ${action}`),
            ['ann set-carve-out', 'ann set-carve-out', 'ci kill', 'ann lift-kill', 'ann set-route'],
          );
          assert.doesNotMatch(JSON.stringify(await logLines()), /a-token-of/);
        },
      );
    } finally {
      await rm(dataDir, { recursive: true, force: true });
    }
  });
});

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { parse } from 'yaml';
import { parseConfigFile } from '../src/config/config-file.ts';
import { startUpstream } from './support/upstream.ts';
import { type GatewayOptions, withGateway } from './support/with-gateway.ts';

const TOKENS = { BANYAN_ADMIN_TOKEN: 'operators-of-the-test', BANYAN_VIEWER_TOKEN: 'viewers-of-the-test' };
const OPERATIONS = [
  { operationId: 'getThing', method: 'GET', path: '/things/{id}' },
  { operationId: 'makeThing', method: 'POST', path: '/things' },
] as const;

/** What `openapi/admin.yaml` says an answer is. */
const ajv = new Ajv2020({ strict: false });
formats.default(ajv);
const document = parse(
  await readFile(fileURLToPath(import.meta.resolve('@banyan/openapi/admin.yaml')), 'utf8'),
) as object;
ajv.addSchema({ ...document, $id: 'admin' });
const list = ajv.compile({ type: 'array', items: { $ref: 'admin#/components/schemas/Route' } });
const problem = ajv.compile({ $ref: 'admin#/components/schemas/Problem' });

function withContract(monolith: string, env: Record<string, string>): GatewayOptions {
  const contract = { file: 'api.yaml', text: 'openapi: 3.1.0\n', operations: OPERATIONS };
  const configFile = parseConfigFile({ monolith, contract: 'api.yaml' }, 'c.ts');
  return { env, sources: { configFile, contract } };
}

describe('GET /admin/v1/routes', () => {
  it('lists every operation of the contract, in its form, with its last request', async () => {
    await using upstream = await startUpstream((_request, response) => response.end());
    await withGateway(withContract(upstream.url, {}), async ({ adminUrl, url }) => {
      const startedAt = Date.now();
      await fetch(`${url}/THINGS/7/`);
      const response = await fetch(`${adminUrl}/admin/v1/routes`);
      assert.equal(response.status, 200);
      const routes = (await response.json()) as Record<string, unknown>[];
      assert.ok(list(routes), JSON.stringify(list.errors));
      const [thing, making] = routes;
      assert.deepEqual(
        { ...thing, lastMonolithHit: null, traffic: [] },
        {
          operationId: 'getThing',
          method: 'GET',
          path: '/things/{id}',
          carveOut: null,
          kind: 'read',
          stage: 'monolith',
          weightPercent: 0,
          owner: 'monolith',
          epoch: null,
          lastMonolithHit: null,
          data: null,
          legalStages: [],
          wantedStage: null,
          fallback: null,
          samplePercent: 0,
          killed: false,
          lastFlip: null,
          traffic: [],
          shadow: null,
        },
      );
      assert.ok(Date.parse(String(thing?.lastMonolithHit)) >= startedAt);
      assert.deepEqual([making?.kind, making?.lastMonolithHit], ['write', null]);
    });
  });

  it('is empty without a contract', async () => {
    await using upstream = await startUpstream((_request, response) => response.end());
    await withGateway({ env: { MONOLITH_URL: upstream.url } }, async ({ adminUrl }) => {
      assert.deepEqual(await (await fetch(`${adminUrl}/admin/v1/routes`)).json(), []);
    });
  });

  it('asks for a token of either role where tokens are set; health and documentation do not', async () => {
    await using upstream = await startUpstream((_request, response) => response.end());
    await withGateway(withContract(upstream.url, TOKENS), async ({ adminUrl, url, logLines }) => {
      const ask = (authorization: string, path = '/routes', method = 'GET') =>
        fetch(`${adminUrl}/admin/v1${path}`, { method, headers: authorization ? { authorization } : {} });
      for (const token of Object.values(TOKENS)) {
        assert.equal((await ask(`Bearer ${token}`)).status, 200);
        assert.equal((await ask(`bearer  ${token}`)).status, 200);
      }
      const wrong = ['', 'Bearer', 'Bearer wrong', `Basic ${TOKENS.BANYAN_ADMIN_TOKEN}`];
      for (const authorization of [...wrong, `Bearer ${TOKENS.BANYAN_ADMIN_TOKEN}x`]) {
        const response = await ask(authorization);
        assert.equal(response.status, 401, authorization);
        assert.match(response.headers.get('content-type') ?? '', /^application\/problem\+json/);
        assert.match(response.headers.get('www-authenticate') ?? '', /^Bearer realm="banyan"/);
        const body = await response.json();
        assert.ok(problem(body), JSON.stringify(problem.errors));
      }
      assert.equal((await ask('', '/nothing')).status, 401);
      assert.equal((await ask(`Bearer ${TOKENS.BANYAN_VIEWER_TOKEN}`, '/nothing')).status, 404);
      assert.equal((await ask(`Bearer ${TOKENS.BANYAN_ADMIN_TOKEN}`, '/routes', 'PUT')).status, 405);
      for (const path of ['/livez', '/readyz', '/metrics', '/', '/reference/']) {
        assert.equal((await fetch(adminUrl + path)).status, 200, path);
      }
      assert.equal((await fetch(`${url}/admin/v1/routes`)).headers.get('www-authenticate'), null);
      assert.doesNotMatch(JSON.stringify(await logLines()), /-of-the-test/);
    });
  });
});

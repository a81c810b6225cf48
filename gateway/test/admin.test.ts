import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { until } from '@banyan/stack/testing/until';
import { parseConfigFile } from '../src/config/config-file.ts';
import { refusedUrl, startUpstream } from './support/upstream.ts';
import { withGateway } from './support/with-gateway.ts';

const contract = {
  file: 'api.yaml',
  text: 'openapi: 3.1.0\n',
  operations: [{ operationId: 'getThing', method: 'GET', path: '/things/{id}' }],
} as const;
const named = (monolith: string) => ({
  configFile: parseConfigFile({ monolith, contract: 'api.yaml' }, 'c.ts'),
  contract,
});

describe('the admin port', () => {
  it('shows the contract from files of its own, under a policy that allows no others', async () => {
    const url = await refusedUrl();
    await withGateway({ env: {}, sources: named(url) }, async ({ adminUrl }) => {
      for (const [path, type] of [
        ['/', 'text/html'],
        ['/reference', 'text/html'],
        ['/reference/reference.js', 'text/javascript'],
        ['/reference/reference.css', 'text/css'],
        ['/reference/swagger-ui.css', 'text/css'],
        ['/reference/swagger-ui-bundle.js', 'text/javascript'],
        ['/reference/contract.yaml', 'application/yaml'],
      ] as const) {
        const response = await fetch(adminUrl + path, { headers: { origin: 'http://evil.example' } });
        assert.equal(response.status, 200, path);
        assert.match(response.headers.get('content-type') ?? '', new RegExp(`^${type}`), path);
        assert.match(
          response.headers.get('content-security-policy') ?? '',
          /default-src 'none'; script-src 'self';/,
        );
        assert.equal(response.headers.get('access-control-allow-origin'), null);
        const text = await response.text();
        if (type === 'text/html')
          assert.doesNotMatch(text, /https?:\/\//, `${path} must need nothing from elsewhere`);
      }
      assert.equal(await (await fetch(`${adminUrl}/reference/contract.yaml`)).text(), contract.text);
    });
  });

  it('has no other path, and the public port none of these', async () => {
    await using upstream = await startUpstream((request, response) => response.end(request.url));
    await withGateway({ env: { MONOLITH_URL: upstream.url } }, async ({ adminUrl, url }) => {
      assert.equal((await fetch(`${adminUrl}/nothing`)).status, 404);
      for (const path of ['/livez', '/readyz', '/metrics', '/reference']) {
        assert.equal(await (await fetch(url + path)).text(), path);
      }
    });
  });

  it('counts by operation, backend and class of status, and never by path', async () => {
    await using upstream = await startUpstream((request, response) => {
      response.statusCode = request.url?.endsWith('missing') ? 404 : 200;
      response.end();
    });
    await withGateway({ env: {}, sources: named(upstream.url) }, async ({ adminUrl, url, logLines }) => {
      for (const path of ['/things/1', '/THINGS/2/', '/things/missing', '/else/where'])
        await fetch(url + path);
      await until(async () => (await logLines()).filter(({ msg }) => msg === 'request').length === 4, {
        deadlineMs: 30_000,
      });
      const text = await (await fetch(`${adminUrl}/metrics`)).text();
      for (const line of [
        'banyan_requests_total{operation="getThing",backend="monolith",status="2xx",outcome="answered"} 2',
        'banyan_requests_total{operation="getThing",backend="monolith",status="4xx",outcome="answered"} 1',
        'banyan_requests_total{operation="none",backend="monolith",status="2xx",outcome="answered"} 1',
        'banyan_requests_in_flight 0',
        'banyan_backend_reachable{backend="monolith"} 1',
      ]) {
        assert.ok(text.includes(line), line);
      }
      assert.match(text, /nodejs_eventloop_lag_seconds/);
      assert.doesNotMatch(text, /\/things|\/else/);
      const reasons = (await logLines())
        .filter(({ msg }) => msg === 'request')
        .map(({ operation, reason }) => [operation, reason]);
      assert.deepEqual(reasons[0], ['getThing', 'stage-monolith']);
      assert.deepEqual(reasons[3], [undefined, 'no-operation']);
    });
  });
});

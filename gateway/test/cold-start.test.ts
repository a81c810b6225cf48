import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { spawnGateway } from './support/process.ts';
import { startUpstream } from './support/upstream.ts';

const LATER = ['express', 'prom-client', 'swagger-ui-dist', 'yaml', 'zod', '@opentelemetry'];
const OF_QUEUES = /\/node_modules\/(bullmq|ioredis|@bull-board)\//;

type Started = { readonly url: string; readonly adminUrl: string; loaded(): Promise<string> };

/** A gateway in front of one that says hello, and what it has loaded. */
async function withGateway(
  env: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>>,
  work: (started: Started) => Promise<void>,
): Promise<void> {
  await using upstream = await startUpstream((_request, response) => response.end('hello'));
  const folder = await mkdtemp(join(tmpdir(), 'banyan-cold-start-'));
  const recorder = join(folder, 'recorder.mjs');
  const list = join(folder, 'loaded');
  await writeFile(
    recorder,
    `import { appendFileSync } from 'node:fs';
     import { registerHooks } from 'node:module';
     registerHooks({ load: (url, context, next) => {
       appendFileSync(${JSON.stringify(list)}, url + '\\n');
       return next(url, context);
     } });`,
  );
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  try {
    await using gateway = spawnGateway(
      {
        MONOLITH_URL: upstream.url,
        PORT: '0',
        ADMIN_PORT: '0',
        NODE_OPTIONS: `--import=${pathToFileURL(recorder).href}`,
        ...env,
      },
      { folder },
    );
    const { port, adminPort } = await gateway.logged('listening');
    await work({
      url: `http://127.0.0.1:${port}`,
      adminUrl: `http://127.0.0.1:${adminPort}`,
      loaded: () => readFile(list, 'utf8'),
    });
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe('a start without a configuration file', () => {
  it('has loaded no library but the log when it answers first, and counts that answer all the same', () =>
    withGateway({}, {}, async ({ url, adminUrl, loaded }) => {
      const before = await loaded();
      assert.match(before, /\/pino\//);
      for (const library of LATER) assert.doesNotMatch(before, new RegExp(`/node_modules/${library}/`));

      assert.equal(await (await fetch(url)).text(), 'hello');
      const metrics = await (await fetch(`${adminUrl}/metrics`)).text();
      assert.match(
        metrics,
        /banyan_requests_total\{operation="none",backend="monolith",status="2xx",outcome="answered"\} 1/,
      );
      assert.match(metrics, /banyan_requests_in_flight 0/);
      assert.equal(await (await fetch(`${adminUrl}/admin/v1/queues`)).text(), '[]');
      const after = await loaded();
      // prom-client loads the API, which does nothing by itself.
      assert.doesNotMatch(after, /@opentelemetry\/(?!api\/)/);
      assert.doesNotMatch(after, OF_QUEUES, 'nobody has named a queue');
    }));
});

describe('a start with queues', () => {
  const config = `export default { monolith: 'http://127.0.0.1:3000', queues: [
    { name: 'events', consumer: 'monolith', takes: 'rest' }] };`;
  const env = { BANYAN_CONFIG: 'banyan.config.mjs', QUEUE_REDIS_URL: 'redis://127.0.0.1:1' };

  it('loads nothing for them before somebody asks, and needs their Redis for no request', () =>
    withGateway(env, { 'banyan.config.mjs': config }, async ({ url, adminUrl, loaded }) => {
      assert.equal(await (await fetch(url)).text(), 'hello');
      assert.equal((await fetch(`${adminUrl}/readyz`)).status, 200);
      assert.doesNotMatch(await loaded(), OF_QUEUES);
      const metrics = await (await fetch(`${adminUrl}/metrics`)).text();
      assert.match(metrics, /\nbanyan_queues_reachable 0\n/);
      assert.match(await loaded(), /\/node_modules\/bullmq\//);
      assert.equal((await fetch(`${adminUrl}/admin/v1/queues`)).status, 503);
      assert.doesNotMatch(await loaded(), /@bull-board/, 'nobody has looked at the board');
      assert.equal(await (await fetch(url)).text(), 'hello');
    }));
});

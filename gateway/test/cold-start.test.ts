import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { spawnGateway } from './support/process.ts';
import { startUpstream } from './support/upstream.ts';

const LATER = ['express', 'prom-client', 'swagger-ui-dist', 'yaml', 'zod', '@opentelemetry'];

describe('a start without a configuration file', () => {
  it('has loaded no library but the log when it answers first, and counts that answer all the same', async () => {
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
    try {
      await using gateway = spawnGateway({
        MONOLITH_URL: upstream.url,
        PORT: '0',
        ADMIN_PORT: '0',
        NODE_OPTIONS: `--import=${pathToFileURL(recorder).href}`,
      });
      const { port, adminPort } = await gateway.logged('listening');
      const before = await readFile(list, 'utf8');
      assert.match(before, /\/pino\//);
      for (const library of LATER) assert.doesNotMatch(before, new RegExp(`/node_modules/${library}/`));

      assert.equal(await (await fetch(`http://127.0.0.1:${port}/`)).text(), 'hello');
      const metrics = await (await fetch(`http://127.0.0.1:${adminPort}/metrics`)).text();
      assert.match(
        metrics,
        /banyan_requests_total\{operation="none",backend="monolith",status="2xx",outcome="answered"\} 1/,
      );
      assert.match(metrics, /banyan_requests_in_flight 0/);
      // prom-client loads the API, which does nothing by itself.
      assert.doesNotMatch(await readFile(list, 'utf8'), /@opentelemetry\/(?!api\/)/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

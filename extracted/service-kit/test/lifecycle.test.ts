import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startProcess, startServer } from '@banyan/stack/testing/processes';
import { until } from '@banyan/stack/testing/until';
import { atEnd, LONG } from './kit.ts';

const args = ['extracted/service-kit/test/tiny-service.ts'];

test('a service says where it listens, shows itself to operators, and ends cleanly at the first signal', async (t) => {
  const tiny = await startServer({ args, env: { TINY_PORT: '0' } });
  atEnd(t, () => tiny.stop());
  const page = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${String(tiny.listening.port)}${path}`);
    return [response.status, await response.text()] as const;
  };
  assert.deepEqual(await page('/livez'), [200, 'alive\n']);
  assert.deepEqual(await page('/readyz'), [503, 'not ready\n']);
  assert.match((await page('/metrics'))[1], /^rpc_calls_in_flight\{service="tiny"\} 0$/m);
  assert.equal((await page('/'))[0], 404);
  tiny.signal('SIGTERM');
  assert.equal(await tiny.ended, 0);
  assert.ok(tiny.logged('stopped'));
});

test('a second signal ends a stop that takes too long', async (t) => {
  const tiny = await startServer({ args, env: { TINY_PORT: '0', TINY_STOP_MS: '60000' } });
  atEnd(t, () => tiny.stop());
  tiny.signal('SIGTERM');
  await until(() => tiny.logged('stopping'), LONG);
  tiny.signal('SIGINT');
  assert.equal(await tiny.ended, 1);
});

test('a wrong configuration is refused with all faults, before anything starts', async (t) => {
  const tiny = startProcess({ args, env: { TINY_STOP_MS: 'soon' } });
  atEnd(t, () => tiny.stop());
  assert.equal(await tiny.ended, 1);
  assert.match(tiny.lines.join('\n'), /TINY_PORT must be an integer.*got nothing[\s\S]*TINY_STOP_MS must be/);
});

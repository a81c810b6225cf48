import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { createTestDatabase } from '@banyan/stack/testing/database';
import { processEnvironment } from '@banyan/stack/testing/processes';
import { until } from '@banyan/stack/testing/until';
import { createClient } from './support/client.ts';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const database = await createTestDatabase('small');
after(() => database.drop());

const ENV = {
  MONOLITH_DATABASE_URL: database.url,
  MERIDIAN_SESSION_SECRET: 'a secret of the tests',
  MONOLITH_PORT: '0',
};

type Run = { child: ChildProcess; out(): string; err(): string; exit: Promise<number | null> };

function run(env: Record<string, string>): Run {
  const child = spawn(process.execPath, [MAIN], {
    env: { ...processEnvironment(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  after(() => child.kill('SIGKILL'));
  let out = '';
  let err = '';
  child.stdout?.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    err += chunk;
  });
  return { child, out: () => out, err: () => err, exit: once(child, 'exit').then(([code]) => code) };
}

async function listening({ out }: Run): Promise<number> {
  const line = await until(
    () =>
      out()
        .split('\n')
        .find((each) => each.includes('"msg":"listening"')),
    {
      deadlineMs: 60_000,
      what: 'the listening line',
    },
  );
  return JSON.parse(line).port;
}

test('it says in one JSON line where it listens, and ends with 0 on SIGTERM, streams or not', async () => {
  const monolith = run(ENV);
  const port = await listening(monolith);
  assert.equal((await createClient(port).get('/flights/1')).status, 200);
  const stream = createClient(port).get('/flights/1/status/stream');
  await until(() => monolith.out().includes('"route":"/api/v1/flights/:id"'), { deadlineMs: 60_000 });
  monolith.child.kill('SIGTERM');
  assert.equal(await monolith.exit, 0);
  // The stream was ended in order, if it had begun.
  await stream.catch(() => undefined);
});

test('a wrong configuration ends it with 1 and every fault', async () => {
  const monolith = run({ MONOLITH_PORT: 'x', MERIDIAN_TYPO: '1' });
  assert.equal(await monolith.exit, 1);
  for (const name of ['MONOLITH_PORT', 'MONOLITH_DATABASE_URL', 'MERIDIAN_SESSION_SECRET', 'MERIDIAN_TYPO']) {
    assert.ok(monolith.err().includes(name), name);
  }
});

test('a port that is taken ends it with 1, naming the variable', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  after(() => server.close());
  const monolith = run({ ...ENV, MONOLITH_PORT: String((server.address() as { port: number }).port) });
  assert.equal(await monolith.exit, 1);
  assert.match(monolith.out(), /is taken: set MONOLITH_PORT to another/);
});

test('it starts without its database, and answers 503', async () => {
  const monolith = run({ ...ENV, MONOLITH_DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' });
  const port = await listening(monolith);
  assert.equal((await createClient(port).get('/flights/1')).status, 503);
  monolith.child.kill('SIGTERM');
  assert.equal(await monolith.exit, 0);
});

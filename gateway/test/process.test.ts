import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { processEnvironment } from '@banyan/stack/testing/processes';
import { until } from '@banyan/stack/testing/until';
import { MAIN, REPOSITORY, spawnGateway } from './support/process.ts';
import { sendRaw } from './support/raw-client.ts';
import { refusedUrl, startUpstream } from './support/upstream.ts';

const SOON = { deadlineMs: 30_000 };
const FREE_PORTS = { PORT: '0', ADMIN_PORT: '0' };

describe('the process', () => {
  it('runs alone with MONOLITH_URL and nothing else, and ends with status 0 when asked', async () => {
    await using upstream = await startUpstream((request, response) =>
      response.end(`you asked for ${request.url}`),
    );
    await using gateway = spawnGateway({ ...FREE_PORTS, MONOLITH_URL: upstream.url });
    const { port, adminPort, contract } = await gateway.logged('listening');
    assert.equal(contract, null);
    assert.equal(await (await fetch(`http://127.0.0.1:${port}/readyz`)).text(), 'you asked for /readyz');
    assert.equal((await fetch(`http://127.0.0.1:${adminPort}/readyz`)).status, 200);
    assert.equal((await fetch(`http://127.0.0.1:${adminPort}/reference/`)).status, 404);
    gateway.child.kill('SIGTERM');
    assert.equal(await gateway.exited(), 0);
    assert.equal(gateway.stderr(), '');
  });

  it('starts although the monolith is away', async () => {
    await using gateway = spawnGateway({ ...FREE_PORTS, MONOLITH_URL: await refusedUrl() });
    const { port } = await gateway.logged('listening');
    assert.equal((await fetch(`http://127.0.0.1:${port}/`)).status, 502);
  });

  it('uses the configuration file that lies in its folder, unless MONOLITH_URL names another monolith', async () => {
    const folder = { folder: REPOSITORY };
    {
      await using gateway = spawnGateway(FREE_PORTS, folder);
      assert.equal((await gateway.logged('listening')).contract, 'openapi/legacy.yaml');
    }
    const MONOLITH_URL = await refusedUrl();
    {
      await using gateway = spawnGateway({ ...FREE_PORTS, MONOLITH_URL }, folder);
      assert.equal((await gateway.logged('listening')).contract, null);
      assert.match(gateway.stdout(), /banyan\.config\.ts is not used/);
    }
    {
      await using gateway = spawnGateway(
        { ...FREE_PORTS, MONOLITH_URL, BANYAN_CONFIG: 'banyan.config.ts' },
        folder,
      );
      const line = await gateway.logged('listening');
      assert.deepEqual([line.contract, line.monolith], ['openapi/legacy.yaml', MONOLITH_URL]);
    }
    await using gateway = spawnGateway({ ...FREE_PORTS, MONOLITH_URL, BANYAN_CONFIG: 'none' }, folder);
    assert.equal((await gateway.logged('listening')).contract, null);
    assert.doesNotMatch(gateway.stdout(), /is not used/);
  });

  it('says all that is wrong with its configuration at once, without secrets, and exits 1', async () => {
    const env = {
      PORT: 'eighty',
      MONOLITH_URL: 'http://root:hunter2@127.0.0.1/base?x',
      BANYAN_TYPO: 'x',
      LOG_LEVEL: 'loud',
      BANYAN_CONFIG: 'nowhere.ts',
    };
    for (const args of [[], ['--check-config']]) {
      await using gateway = spawnGateway(env, { args });
      assert.equal(await gateway.exited(), 1);
      const text = gateway.stderr();
      for (const name of ['PORT', 'LOG_LEVEL', 'BANYAN_TYPO', 'BANYAN_CONFIG', 'MONOLITH_URL']) {
        assert.match(text, new RegExp(`^  ${name}: `, 'm'));
      }
      assert.match(text, /has 7 faults/);
      assert.doesNotMatch(text, /hunter2/);
    }
  });

  it('checks a configuration without a fault with status 0, and listens nowhere', async () => {
    await using gateway = spawnGateway({ MONOLITH_URL: 'http://127.0.0.1:9' }, { args: ['--check-config'] });
    assert.equal(await gateway.exited(), 0);
    assert.equal(gateway.stdout(), 'The configuration has no fault.\n');
  });

  it('names an option that it does not know and exits 2; --help explains', async () => {
    await using refused = spawnGateway({}, { args: ['--port=80'] });
    assert.equal(await refused.exited(), 2);
    assert.match(refused.stderr(), /Unknown option --port=80/);
    await using helped = spawnGateway({}, { args: ['--help'] });
    assert.equal(await helped.exited(), 0);
    assert.match(helped.stdout(), /MONOLITH_URL/);
  });

  for (const variable of ['PORT', 'ADMIN_PORT'] as const) {
    it(`exits 1 and names ${variable} where that port is taken`, async () => {
      const other = createServer().listen(0, '127.0.0.1');
      await until(() => other.listening, SOON);
      const { port } = other.address() as { port: number };
      await using gateway = spawnGateway({
        ...FREE_PORTS,
        [variable]: String(port),
        MONOLITH_URL: 'http://127.0.0.1:9',
        // Nobody has to be told of a start that failed.
        DRAIN_DELAY_MS: '60000',
      });
      assert.equal(await gateway.exited(), 1);
      assert.match(
        gateway.stderr(),
        new RegExp(`^${variable}: port ${port} of 127\\.0\\.0\\.1 is taken`, 'm'),
      );
      other.close();
    });
  }

  it('names both ports at once where both are taken', async () => {
    const others = [createServer().listen(0, '127.0.0.1'), createServer().listen(0, '127.0.0.1')];
    await until(() => others.every((other) => other.listening), SOON);
    const [PORT = '', ADMIN_PORT = ''] = others.map((other) =>
      String((other.address() as { port: number }).port),
    );
    await using gateway = spawnGateway({ PORT, ADMIN_PORT, MONOLITH_URL: 'http://127.0.0.1:9' });
    assert.equal(await gateway.exited(), 1);
    for (const [name, port] of Object.entries({ PORT, ADMIN_PORT })) {
      assert.match(gateway.stderr(), new RegExp(`^${name}: port ${port} .* is taken`, 'm'));
    }
    for (const other of others) other.close();
  });

  it('refuses a contract with overlapping paths, naming both operations', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'banyan-config-'));
    const described = (operationId: string) => ({ get: { operationId } });
    await writeFile(
      join(folder, 'api.json'),
      JSON.stringify({
        openapi: '3.1.0',
        paths: { '/a/{x}/c': described('one'), '/a/b/{y}': described('two') },
      }),
    );
    const config = {
      monolith: 'http://127.0.0.1:9',
      contract: 'api.json',
      identities: {},
      matching: { caseSensitive: 1 },
    };
    await writeFile(join(folder, 'banyan.config.ts'), `export default ${JSON.stringify(config)};`);
    await using gateway = spawnGateway({}, { folder, args: ['--check-config'] });
    assert.equal(await gateway.exited(), 1);
    assert.match(gateway.stderr(), /banyan\.config\.ts: identities: is no key/);
    assert.match(gateway.stderr(), /matching\.caseSensitive: .*; got "1"/);
    await writeFile(
      join(folder, 'banyan.config.ts'),
      `export default ${JSON.stringify({ ...config, identities: undefined, matching: undefined })};`,
    );
    await using overlapping = spawnGateway({}, { folder });
    assert.equal(await overlapping.exited(), 1);
    assert.match(
      overlapping.stderr(),
      /one \(GET \/a\/\{x\}\/c\): must not overlap with two \(GET \/a\/b\/\{y\}\)/,
    );
    await rm(folder, { recursive: true });
  });
});

describe('a stop', { concurrency: 2 }, () => {
  it('lets what is under way end, tells kept-alive clients, refuses new ones, and is not ready meanwhile', async () => {
    await using upstream = await startUpstream((request, response) => {
      response.write('begun');
      if (request.url === '/slow') upstream.server.once('finish', () => response.end(' and done'));
      else response.end();
    });
    // Until the port is closed, a connection that idles stays: then it is closed within half a second.
    const delayed = { DRAIN_DELAY_MS: '5000' };
    await using gateway = spawnGateway({ ...FREE_PORTS, ...delayed, MONOLITH_URL: upstream.url });
    const { port, adminPort } = (await gateway.logged('listening')) as { port: number; adminPort: number };
    const slow = sendRaw(port, 'GET /slow HTTP/1.1\r\nHost: h\r\n\r\n');
    await slow.receive((text) => text.includes('begun'));
    const kept = sendRaw(port, 'GET / HTTP/1.1\r\nHost: h\r\n\r\n');
    await kept.receive((text) => text.endsWith('0\r\n\r\n'));
    assert.doesNotMatch(kept.received(), /connection: close/i);

    gateway.child.kill('SIGTERM');
    await gateway.logged('draining');
    kept.socket.write('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
    await kept.receive((text) => /connection: close/i.test(text));
    assert.equal((await fetch(`http://127.0.0.1:${adminPort}/readyz`)).status, 503);
    const isRefused = async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/`).catch(() => undefined);
      await answer?.text();
      return answer === undefined;
    };
    await until(isRefused, { ...SOON, what: 'the port to be closed' });
    upstream.server.emit('finish');
    await slow.receive((text) => text.includes(' and done'));
    assert.equal(await gateway.exited(), 0);
  });

  it('is told by /readyz before the port is closed, for as long as a load balancer needs', async () => {
    await using upstream = await startUpstream((_request, response) => response.end('served'));
    await using gateway = spawnGateway({ ...FREE_PORTS, MONOLITH_URL: upstream.url, DRAIN_DELAY_MS: '5000' });
    const { port, adminPort } = (await gateway.logged('listening')) as { port: number; adminPort: number };
    gateway.child.kill('SIGTERM');
    await gateway.logged('draining');
    assert.equal((await fetch(`http://127.0.0.1:${adminPort}/readyz`)).status, 503);
    const late = sendRaw(port, 'GET / HTTP/1.1\r\nHost: h\r\n\r\n');
    await late.ended();
    assert.match(late.received(), /^HTTP\/1.1 200 [\s\S]*\r\nConnection: close\r\n[\s\S]*served/);
    assert.equal(await gateway.exited(), 0);
  });

  it('during that delay is forced by a second signal all the same', async () => {
    await using gateway = spawnGateway({
      ...FREE_PORTS,
      MONOLITH_URL: await refusedUrl(),
      DRAIN_DELAY_MS: '60000',
    });
    await gateway.logged('listening');
    gateway.child.kill('SIGTERM');
    await gateway.logged('draining');
    gateway.child.kill('SIGTERM');
    assert.equal(await gateway.exited(), 1);
  });

  for (const reader of ['that is gone', 'that does not read'] as const) {
    it(`ends with a reader of its log ${reader}`, async () => {
      await using upstream = await startUpstream((_request, response) => response.end('x'.repeat(100)));
      const settings = { MONOLITH_URL: upstream.url, BANYAN_CONFIG: 'none', DRAIN_TIMEOUT_MS: '1000' };
      // A pipe, not the socket pair that Node would make: a shell's `gateway | reader`.
      const reading = reader === 'that is gone' ? 'head -n 1 >&2' : 'head -n 1 >&2; sleep 120';
      const script = `{ sh -c 'echo $$ >&2; exec "$0" "$1"' "$0" "$1"; echo "exit $?" >&2; } | { ${reading}; }`;
      const child = spawn('sh', ['-c', script, process.execPath, MAIN], {
        env: { ...processEnvironment(), ...FREE_PORTS, ...settings },
        stdio: ['ignore', 'ignore', 'pipe'],
        detached: true,
      });
      try {
        let said = '';
        child.stderr.setEncoding('utf8').on('data', (text: string) => {
          said += text;
        });
        const pid = Number(await until(() => /^(\d+)\n/.exec(said)?.[1], SOON));
        const line = await until(() => /^\{.*\}$/m.exec(said)?.[0], SOON);
        const { port } = JSON.parse(line) as { port: number };
        // More lines than a pipe holds (64 KB), beside clients that stay.
        for (let i = 0; i < 10; i += 1) {
          await Promise.all(
            Array.from({ length: 50 }, async () => (await fetch(`http://127.0.0.1:${port}/`)).text()),
          );
        }
        process.kill(pid, 'SIGTERM');
        await until(() => /^exit 0$/m.test(said), SOON);
      } finally {
        const isRunning = child.exitCode === null && child.signalCode === null;
        if (isRunning && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      }
    });
  }

  it('cuts off after its limit what does not end, and then exits 0', async () => {
    await using upstream = await startUpstream((_request, response) => void response.write('for ever'));
    await using gateway = spawnGateway({
      ...FREE_PORTS,
      MONOLITH_URL: upstream.url,
      DRAIN_TIMEOUT_MS: '300',
    });
    const { port } = (await gateway.logged('listening')) as { port: number };
    const stream = sendRaw(port, 'GET / HTTP/1.1\r\nHost: h\r\n\r\n');
    await stream.receive((text) => text.includes('for ever'));
    gateway.child.kill('SIGINT');
    assert.equal(await gateway.exited(), 0);
    await stream.ended();
    assert.doesNotMatch(stream.received(), /\r\n0\r\n\r\n$/);
    assert.match(gateway.stdout(), /cut off what did not end/);
  });

  it('is forced by a second signal', async () => {
    await using upstream = await startUpstream((_request, response) => void response.write('for ever'));
    await using gateway = spawnGateway({ ...FREE_PORTS, MONOLITH_URL: upstream.url });
    const { port } = (await gateway.logged('listening')) as { port: number };
    const stream = sendRaw(port, 'GET / HTTP/1.1\r\nHost: h\r\n\r\n');
    await stream.receive((text) => text.includes('for ever'));
    gateway.child.kill('SIGTERM');
    await gateway.logged('draining');
    gateway.child.kill('SIGTERM');
    assert.equal(await gateway.exited(), 1);
  });
});

it('no log line holds a cookie, a credential, a query or a body', async () => {
  await using upstream = await startUpstream((request, response) => {
    request.resume();
    if (request.url?.startsWith('/broken')) request.socket.destroy();
    else response.setHeader('Set-Cookie', 'sid=PLANTED-1').end('PLANTED-2');
  });
  await using gateway = spawnGateway({ ...FREE_PORTS, MONOLITH_URL: upstream.url, LOG_LEVEL: 'trace' });
  const { port } = await gateway.logged('listening');
  for (const path of ['/a', '/broken']) {
    await fetch(`http://127.0.0.1:${port}${path}?token=PLANTED-3#PLANTED-4`, {
      method: 'POST',
      headers: {
        cookie: 'sid=PLANTED-5',
        authorization: 'Bearer PLANTED-6',
        'x-api-key': 'PLANTED-7',
        referer: 'http://h/?PLANTED-8',
      },
      body: 'password=PLANTED-9',
    });
  }
  await until(() => gateway.stdout().match(/"msg":"request"/g)?.length === 2, SOON);
  gateway.child.kill('SIGTERM');
  await gateway.exited();
  assert.doesNotMatch(gateway.stdout() + gateway.stderr(), /PLANTED/);
});

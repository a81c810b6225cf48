import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, createServer, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { freePort } from '@banyan/stack/testing/free-port';
import type { TestServer } from '@banyan/stack/testing/processes';
import { until } from '@banyan/stack/testing/until';
import { layOutContainer } from './container.ts';
import { type NameServer, startNameServer } from './name-server.ts';

const root = dirname(dirname(import.meta.dirname));
const REPLICAS = ['127.0.0.11', '127.0.0.12', '127.0.0.13'];
/** The example of RFC 6455, section 1.3. */
const WEBSOCKET = { key: 'dGhlIHNhbXBsZSBub25jZQ==', accept: 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=' };
const haproxy = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin']
  .map((folder) => join(folder, 'haproxy'))
  .find((path) => existsSync(path));
// Replicas of one port need addresses of their own, which a loopback device has on Linux only.
const skip = haproxy && process.platform === 'linux' ? false : 'needs Linux and an installed haproxy';

/** deploy/load-balancer before three gateways of the image, found by name as in the engine's network. */
describe('the load balancer before three replicas', { skip }, () => {
  const temporary = mkdtempSync(join(tmpdir(), 'banyan-balancer-'));
  const monolith = createServer({ maxHeaderSize: 131_072 }, (req, res) => {
    const seen = { ...req.headers, cookie: `${req.headers.cookie?.length ?? 0} bytes` };
    res.writeHead(200, { 'X-Saw': JSON.stringify(seen), Trailer: 'X-Row-Count' });
    res.write(`${req.socket.remoteAddress} `);
    res.addTrailers({ 'X-Row-Count': '7' });
    req.resume().on('end', () => res.end());
  });
  monolith.on('upgrade', (_req, socket) => {
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
        `Sec-WebSocket-Accept: ${WEBSOCKET.accept}\r\n\r\n`,
    );
    socket.pipe(socket);
  });
  const gateways: TestServer[] = [];
  let names: NameServer;
  let balancer: ReturnType<typeof spawn>;
  let ports: { public: number; operators: number; health: number };

  before(async () => {
    await once(monolith.listen(0, '127.0.0.1'), 'listening');
    const [publicPort, adminPort, ...free] = await freePorts(5);
    ports = { public: free[0] ?? 0, operators: free[1] ?? 0, health: free[2] ?? 0 };
    const gateway = layOutContainer('gateway', temporary);
    for (const HOST of REPLICAS) {
      const places = { 'monolith:3000': `127.0.0.1:${portOf(monolith)}` };
      const env = { HOST, ADMIN_HOST: HOST, PORT: `${publicPort}`, ADMIN_PORT: `${adminPort}` };
      gateways.push(await gateway.start(places, { ...env, TRUSTED_PROXIES: '127.0.0.0/8' }));
    }
    names = await startNameServer(REPLICAS);
    const config = moved(readFileSync(join(root, 'deploy/load-balancer/haproxy.cfg'), 'utf8'), {
      '127.0.0.11:53': `127.0.0.1:${names.port}`,
      'bind :8080': `bind 127.0.0.1:${ports.public}`,
      'bind :8081': `bind 127.0.0.1:${ports.operators}`,
      '127.0.0.1:8404': `127.0.0.1:${ports.health}`,
      'gateway:8080 check port 8081': `gateway:${publicPort} check port ${adminPort}`,
      'gateway:8081': `gateway:${adminPort}`,
    });
    const path = join(temporary, 'haproxy.cfg');
    writeFileSync(path, config);
    execFileSync(haproxy ?? '', ['-c', '-f', path], { stdio: 'pipe' });
    balancer = spawn(haproxy ?? '', ['-db', '-f', path], { stdio: 'ignore' });
    await until(async () => (await fetch(`http://127.0.0.1:${ports.health}/ready`)).ok, {
      deadlineMs: 60_000,
      what: 'a gateway behind the load balancer',
    });
  });

  after(async () => {
    balancer?.kill('SIGKILL');
    for (const gateway of gateways) await gateway.stop();
    await names?.close();
    monolith.closeAllConnections();
    monolith.close();
    rmSync(temporary, { recursive: true });
  });

  it('spreads requests over all replicas', async () => {
    const served = () => gateways.filter(({ lines }) => lines.some((line) => line.includes('"method"')));
    const ask = async () => {
      await send(ports.public);
      return served().length === REPLICAS.length;
    };
    await until(ask, { deadlineMs: 60_000, what: 'a request at each replica' });
  });

  it('tells the monolith who the client is, and nothing that the client claims of itself', async () => {
    const claims = {
      Forwarded: 'for=6.6.6.6',
      'X-Forwarded-For': '6.6.6.6',
      'X-Forwarded-Host': 'evil.example',
      'X-Forwarded-Port': '666',
      'X-Forwarded-Proto': 'https',
      'X-Real-IP': '6.6.6.6',
    };
    const { saw } = await send(ports.public, { headers: { Host: 'meridian.example', ...claims } });
    assert.equal(saw['x-forwarded-for'], '127.0.0.1, 127.0.0.1');
    assert.equal(saw['x-forwarded-host'], 'meridian.example');
    assert.equal(saw['x-forwarded-proto'], 'http');
    assert.equal(saw.host, 'meridian.example');
    assert.doesNotMatch(JSON.stringify(saw), /6\.6\.6\.6|evil|666/);
  });

  it('passes a large head, a body in chunks and trailers', async () => {
    const { saw, trailers } = await send(ports.public, {
      method: 'POST',
      headers: { Cookie: `a=${'x'.repeat(60_000)}` },
      body: 'y'.repeat(300_000),
    });
    assert.equal(saw.cookie, '60002 bytes');
    assert.equal(trailers['x-row-count'], '7');
  });

  it('passes a WebSocket', async () => {
    const socket = connect(ports.public, '127.0.0.1');
    socket.write(
      'GET /ws/seats HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
        `Sec-WebSocket-Key: ${WEBSOCKET.key}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
    );
    let received = '';
    socket.setEncoding('utf8').on('data', (text: string) => {
      received += text;
    });
    await until(() => received.includes('\r\n\r\n'), { deadlineMs: 60_000 });
    assert.match(received, /^HTTP\/1\.1 101 /);
    socket.write('and back');
    await until(() => received.endsWith('and back'), { deadlineMs: 60_000 });
    socket.destroy();
  });

  it('reaches the operators’ port of a replica on a port of its own only', async () => {
    assert.equal((await fetch(`http://127.0.0.1:${ports.operators}/livez`)).status, 200);
    assert.equal((await send(ports.public, { path: '/livez' })).saw.host, `127.0.0.1:${ports.public}`);
  });

  it('loses nothing, reads or writes, when a replica is stopped, nor when the last but one is', async () => {
    const failures: unknown[] = [];
    let sent = 0;
    let ending = false;
    const client = async (sending: Sending) => {
      while (!ending) {
        sent += 1;
        await send(ports.public, sending).catch((error) => failures.push(error));
      }
    };
    // Kept-alive ones too: only their second requests go over connections that the balancer has kept.
    const kept = new Agent({ keepAlive: true });
    const write: Sending = { method: 'POST', body: 'a write' };
    // Many: what a closing port loses is what the kernel has queued for it.
    const kinds = [{}, write, write, { ...write, agent: kept }];
    const clients = Array.from({ length: 32 }, (_, i) => client(kinds[i % kinds.length] ?? {}));
    for (const gateway of gateways.slice(1)) {
      gateway.signal('SIGTERM');
      assert.equal(await gateway.ended, 0);
      const before = sent;
      await until(() => sent > before + 50, { deadlineMs: 60_000 });
    }
    ending = true;
    await Promise.all(clients);
    kept.destroy();
    assert.deepEqual(failures.map(String), [], `${failures.length} of ${sent} failed`);
  });

  it('is unhealthy without any replica', async () => {
    gateways[0]?.signal('SIGTERM');
    const isUnhealthy = async () => !(await fetch(`http://127.0.0.1:${ports.health}/ready`)).ok;
    await until(isUnhealthy, { deadlineMs: 60_000 });
  });
});

type Answer = { saw: Record<string, string | undefined>; trailers: NodeJS.Dict<string> };
type Sending = {
  method?: string;
  path?: string;
  headers?: Record<string, string>;
  body?: string;
  /** None: a connection of its own. */
  agent?: Agent;
};

/** Whatever is not the monolith's whole answer is a failure. */
async function send(
  port: number,
  { method = 'GET', path = '/', headers = {}, body, agent }: Sending = {},
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const options = { host: '127.0.0.1', port, method, path, headers, agent: agent ?? false, timeout: 10_000 };
  const sent = request(options, (answer) => {
    answer.resume();
    answer.on('end', () => {
      const saw = answer.headers['x-saw'];
      if (answer.statusCode !== 200 || typeof saw !== 'string') reject(new Error(`got ${answer.statusCode}`));
      else resolve({ saw: JSON.parse(saw), trailers: answer.trailers });
    });
    answer.on('error', reject);
  });
  sent.on('error', reject).on('timeout', () => sent.destroy(new Error('no answer')));
  if (body) sent.write(body);
  sent.end();
  return promise;
}

/** Every place must be there: a configuration that changed must not reach for anything real. */
function moved(config: string, places: Readonly<Record<string, string>>): string {
  return Object.entries(places).reduce((text, [from, to]) => {
    assert.ok(text.includes(from), `${from} is not in the configuration`);
    return text.replaceAll(from, to);
  }, config);
}

function freePorts(count: number): Promise<number[]> {
  return Promise.all(Array.from({ length: count }, freePort));
}

function portOf(server: ReturnType<typeof createServer>): number {
  return (server.address() as AddressInfo).port;
}

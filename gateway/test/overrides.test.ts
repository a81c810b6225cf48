import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createOverrides } from '../src/overrides/overrides.ts';
import { createLogSink } from '../src/telemetry/logger.ts';
import { sendRaw } from './support/raw-client.ts';
import { startUpstream } from './support/upstream.ts';
import { withGateway } from './support/with-gateway.ts';

const BANYAN_OVERRIDE_KEYS = `k1:${Buffer.alloc(32, 1).toString('base64url')}`;

/** The first line of a request that does not ask for its connection to be closed. */
const KEPT = 'GET /kept HTTP/1.1';

/** A valid token, made by another process that has the keys. */
async function makeToken(expiresInMs = 60_000): Promise<string> {
  const { logger } = createLogSink('silent', 1);
  const overrides = await createOverrides({
    setting: BANYAN_OVERRIDE_KEYS,
    now: () => Date.now(),
    newId: () => 'of-the-test',
    logger,
  });
  overrides.stop();
  return overrides.mint({ sides: {}, expiresInMs }).token;
}

/** Asks a gateway before a monolith that answers with the header lines it saw. */
async function withEcho(
  env: Record<string, string>,
  work: (ask: (...lines: string[]) => Promise<string>, seen: () => readonly string[][]) => Promise<void>,
): Promise<void> {
  const seen: string[][] = [];
  await using upstream = await startUpstream((request, response) => {
    seen.push(request.rawHeaders);
    request.resume().on('end', () => {
      response.sendDate = false;
      response.setHeader('Content-Length', '2').end('ok');
    });
  });
  await withGateway(
    { env: { MONOLITH_URL: upstream.url, FORWARDED_HEADERS: 'off', ...env } },
    async ({ port }) => {
      const ask = async (...lines: string[]): Promise<string> => {
        const [first = '', ...fields] = lines;
        const { receive, socket, ended } = sendRaw(
          port,
          [first, 'Host: h', ...(first === KEPT ? [] : ['Connection: close']), ...fields, '', ''].join(
            '\r\n',
          ),
        );
        await ended();
        const text = await receive(() => true);
        socket.destroy();
        return text;
      };
      await work(ask, () => seen);
    },
  );
}

const fieldsOf = (raw: readonly string[] | undefined): string[] =>
  (raw ?? []).flatMap((name, at) =>
    at % 2 === 0 && name !== 'Connection' ? `${name}: ${raw?.[at + 1]}` : [],
  );

describe('an override', () => {
  it('passes as any header and cookie where no keys are configured', async () => {
    await withEcho({}, async (ask, seen) => {
      const token = await makeToken();
      const text = await ask(
        'GET / HTTP/1.1',
        `X-Banyan-Override: ${token}`,
        'Cookie: banyan_override=nonsense',
      );
      assert.match(text, /^HTTP\/1.1 200 /);
      assert.doesNotMatch(text, /banyan/i);
      assert.deepEqual(fieldsOf(seen()[0]), [
        'Host: h',
        `X-Banyan-Override: ${token}`,
        'Cookie: banyan_override=nonsense',
      ]);
    });
  });

  it('reaches no monolith, and leaves every other header and cookie as it was', async () => {
    await withEcho({ BANYAN_OVERRIDE_KEYS }, async (ask, seen) => {
      const token = await makeToken();
      await ask('GET / HTTP/1.1', 'A: 1', `x-banyan-OVERRIDE: ${token}`, 'cookie: a="1"; b=2', 'Z: 2');
      await ask('GET / HTTP/1.1', 'A: 1', `Cookie: a="1"; banyan_override=${token}; b=2`, 'Z: 2');
      await ask('GET http://h/ HTTP/1.1', 'A: 1', `Cookie: banyan_override=${token}`, 'Z: 2');
      await ask('GET / HTTP/1.1', `X-Banyan-Override: ${token}`, 'Cookie: banyan_override=old; c=3');
      assert.deepEqual(seen().map(fieldsOf), [
        ['Host: h', 'A: 1', 'cookie: a="1"; b=2', 'Z: 2'],
        ['Host: h', 'A: 1', 'Cookie: a="1"; b=2', 'Z: 2'],
        ['Host: h', 'A: 1', 'Z: 2'],
        ['Host: h', 'Cookie: c=3'],
      ]);
    });
  });

  it('makes the answer say who gave it, and changes nothing else in it', async () => {
    await withEcho({ BANYAN_OVERRIDE_KEYS }, async (ask) => {
      const plain = await ask('GET / HTTP/1.1');
      assert.doesNotMatch(plain, /banyan/i);
      const proven = await ask('GET / HTTP/1.1', `X-Banyan-Override: ${await makeToken()}`);
      const proof = /^X-Banyan-(Operation|Served-By|Flags): (.*)\r\n/gm;
      assert.deepEqual(
        [...proven.matchAll(proof)].map(([, name, value]) => [name, value]),
        [
          ['Operation', 'none'],
          ['Served-By', 'monolith'],
          ['Flags', '0'],
        ],
      );
      assert.equal(proven.replace(proof, ''), plain);
    });
  });

  it('says nothing in the next answer on the same connection', async () => {
    await withEcho({ BANYAN_OVERRIDE_KEYS }, async (ask) => {
      // The first asks for the connection to be kept; the last ends it.
      const text = await ask(
        KEPT,
        `X-Banyan-Override: ${await makeToken()}`,
        ...['', 'GET /2 HTTP/1.1', 'Host: h', 'Connection: close'],
      );
      const [one = '', two = ''] = text.split(/(?<=ok)/);
      assert.match(one, /\r\nX-Banyan-Served-By: monolith\r\n/);
      assert.match(two, /^HTTP\/1.1 200 /);
      assert.doesNotMatch(two, /X-Banyan-/);
    });
  });

  it('that is none is refused on every path and method, takes the cookie away, and asks nobody', async () => {
    await withEcho({ BANYAN_OVERRIDE_KEYS }, async (ask, seen) => {
      const token = await makeToken();
      const wrong = [
        ['X-Banyan-Override: nonsense'],
        ['Cookie: banyan_override=nonsense'],
        [`X-Banyan-Override: ${token}`, `X-Banyan-Override: ${token}`],
        ['X-Banyan-Override: nonsense', `Cookie: banyan_override=${token}`],
      ];
      for (const lines of wrong) {
        for (const first of [
          'GET / HTTP/1.1',
          'GET /api/x?y HTTP/1.1',
          'HEAD / HTTP/1.1',
          'OPTIONS * HTTP/1.1',
        ]) {
          const text = await ask(first, ...lines);
          assert.match(text, /^HTTP\/1.1 400 /, first);
          assert.match(text, /\r\nContent-Type: application\/problem\+json/i);
          assert.match(text, /\r\nSet-Cookie: banyan_override=; Path=\/; Max-Age=0\r\n/);
          assert.doesNotMatch(text, /^X-Banyan-/m);
          assert.doesNotMatch(text, /nonsense/);
        }
        assert.match(await ask('POST / HTTP/1.1', 'Content-Length: 0', ...lines), /^HTTP\/1.1 400 /);
        assert.match(await ask('GET / HTTP/1.1', 'Upgrade: websocket', ...lines), /^HTTP\/1.1 400 /);
      }
      assert.deepEqual(seen(), []);
    });
  });
});

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { until } from '@banyan/stack/testing/until';
import { createIdentity, type IdentityLimits } from '../../src/identity/identity.ts';
import { openKeyRing } from '../../src/keys/key-ring.ts';
import { createLogSink } from '../../src/telemetry/logger.ts';
import { createTestRedis } from '../support/redis.ts';
import { refusedUrl, startRawUpstream, startUpstream } from '../support/upstream.ts';
import { claimsOf, headOf, KEY, known, requestHeaders, simpleAdapter } from './support.ts';

const SOON = { deadlineMs: 30_000 };
const OK = JSON.stringify({ account: '1' });
const silent = createLogSink('silent', 1);
after(() => silent.close());

type Options = { url: string; ca?: string; redisUrl?: string; limits?: Partial<IdentityLimits> };

async function withIdentity<T>(
  { url, ca, redisUrl, limits }: Options,
  work: (
    identity: ReturnType<typeof createIdentity>,
    ask: (who?: string) => ReturnType<ReturnType<typeof createIdentity>['identify']>,
  ) => Promise<T>,
): Promise<T> {
  const identity = createIdentity({
    adapter: simpleAdapter,
    monolith: { url, ...(ca === undefined ? {} : { ca }) },
    keyRing: { signing: () => KEY, stop: () => {} },
    ...(redisUrl === undefined ? {} : { redisUrl }),
    now: () => Date.now(),
    monotonicMs: () => performance.now(),
    logger: silent.logger,
    ...(limits ? { limits } : {}),
  });
  await identity.start();
  const ask = (who?: string) =>
    identity.identify(
      { headers: who === undefined ? requestHeaders() : requestHeaders(['Who', who]), audience: 'billing' },
      new AbortController().signal,
    );
  try {
    return await work(identity, ask);
  } finally {
    identity.stop();
  }
}

describe('the question', () => {
  it('carries the credential and the host of the monolith, and nothing else', async () => {
    const heads: string[][] = [];
    await using upstream = await startUpstream((request, response) => {
      heads.push([`${request.method} ${request.url}`, ...request.rawHeaders]);
      response.end(OK);
    });
    await withIdentity(upstream, async (_identity, ask) => {
      known(await ask('alice'));
      assert.deepEqual(heads, [
        ['GET /me', 'Host', new URL(upstream.url).host, 'Who', 'alice', 'Connection', 'keep-alive'],
      ]);
    });
  });

  it('is asked once for a thousand at a time, over few connections for many credentials', async () => {
    let questions = 0;
    const sockets = new Set<unknown>();
    await using upstream = await startUpstream((request, response) => {
      questions += 1;
      sockets.add(request.socket);
      setImmediate(() => response.end(OK));
    });
    await withIdentity({ ...upstream, limits: { connectionsMax: 8 } }, async (_identity, ask) => {
      for (const answer of await Promise.all(Array.from({ length: 1_000 }, () => ask('alice'))))
        known(answer);
      assert.equal(questions, 1);
      for (const answer of await Promise.all(Array.from({ length: 200 }, (_, each) => ask(`u${each}`)))) {
        known(answer);
      }
      assert.equal(questions, 201);
      assert.ok(sockets.size <= 9, `${sockets.size} connections`);
    });
  });

  it('relays a refusal byte for byte, without what belongs to the connection', async () => {
    await using upstream = await startRawUpstream((socket) => {
      socket.once('data', () =>
        socket.end(
          [
            'HTTP/1.1 401 Unauthorized',
            'X-powered-BY: Express',
            'Keep-Alive: timeout=5',
            'Connection: close, X-Hop',
            'X-Hop: 1',
            'Set-Cookie: a=1',
            'Set-Cookie: b=\xe9',
            'Date: Mon, 23 Nov 2026 10:00:00 GMT',
            'Content-Length: 3',
            '',
            'no\xff',
          ].join('\r\n'),
          'latin1',
        ),
      );
    });
    await withIdentity(upstream, async (_identity, ask) => {
      const answer = await ask();
      assert.ok(answer.kind === 'relay');
      assert.deepEqual(answer.answer, {
        status: 401,
        headers: [
          ['X-powered-BY', 'Express'],
          ['Set-Cookie', 'a=1'],
          ['Set-Cookie', 'b=\xe9'],
          ['Date', 'Mon, 23 Nov 2026 10:00:00 GMT'],
          ['Content-Length', '3'],
        ],
        body: Buffer.from('no\xff', 'latin1'),
      });
    });
  });

  for (const [what, onConnection] of [
    ['never answers', () => {}],
    ['stops in the middle', (socket) => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{')],
    ['answers without an end', (socket) => pour(socket, 'HTTP/1.1 200 OK\r\n\r\n')],
    ['has a head without an end', (socket) => pour(socket, 'HTTP/1.1 200 OK\r\nX: ')],
    ['speaks no HTTP', (socket) => socket.end('SSH-2.0-OpenSSH\r\n')],
    ['hangs up', (socket) => socket.destroy()],
    ['breaks off', (socket) => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{')],
    [
      'switches protocols',
      (socket) => socket.write('HTTP/1.1 101 X\r\nUpgrade: a\r\nConnection: upgrade\r\n\r\n'),
    ],
  ] as [string, Parameters<typeof startRawUpstream>[0]][]) {
    it(`ends in time when the monolith ${what}`, async () => {
      await using upstream = await startRawUpstream((socket) => {
        socket.once('data', () => onConnection(socket));
      });
      const limits = { deadlineMs: 300 };
      // A busy machine may add to one of them.
      const tookMs: number[] = [];
      for (let each = 0; each < 3; each += 1) {
        await withIdentity({ ...upstream, limits }, async (_identity, ask) => {
          const startMs = performance.now();
          assert.deepEqual(await ask('alice'), { kind: 'unavailable' });
          tookMs.push(performance.now() - startMs);
        });
      }
      assert.ok(Math.min(...tookMs) < 1_500, tookMs.join());
    });
  }

  it('waits out a restart of the monolith', async () => {
    const url = await refusedUrl();
    await withIdentity({ url }, async (_identity, ask) => {
      const asked = ask('alice');
      await new Promise((resolve) => setTimeout(resolve, 200));
      await using _upstream = await startUpstream(
        (_request, response) => response.end(OK),
        Number(new URL(url).port),
      );
      known(await asked);
    });
  });

  it('goes to an https monolith whose authority is known, and to no other', async () => {
    const tls = (name: string) => readFile(new URL(`../support/tls/${name}`, import.meta.url), 'utf8');
    const [key, ca] = await Promise.all([tls('key.pem'), tls('certificate.pem')]);
    const server = createTlsServer({ key, cert: ca }, (_request, response) => response.end(OK));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `https://localhost:${(server.address() as AddressInfo).port}`;
    try {
      await withIdentity({ url, ca }, async (_identity, ask) => void known(await ask('alice')));
      await withIdentity({ url }, async (_identity, ask) => {
        assert.equal((await ask('alice')).kind, 'unavailable');
      });
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });

  it('leaves nobody waiting when the gateway stops', async () => {
    await using upstream = await startRawUpstream(() => {});
    await withIdentity(upstream, async (identity, ask) => {
      const asked = ask('alice');
      identity.stop();
      assert.deepEqual(await asked, { kind: 'unavailable' });
    });
  });
});

describe('a log-out over Redis', () => {
  it('reaches the other replica; Redis killed takes nothing down; it is back by itself', async () => {
    await using redis = await createTestRedis();
    await redis.start();
    let isIn = true;
    await using upstream = await startUpstream((_request, response) => {
      response.statusCode = isIn ? 200 : 401;
      response.end(OK);
    });
    const options = { ...upstream, redisUrl: redis.url, limits: { freshMs: 600_000 } };
    await withIdentity(options, (one, askOne) =>
      withIdentity(options, async (other, askOther) => {
        const logOutAtOne = () => {
          isIn = false;
          one.onOperationEnd(
            { operationId: 'logOut', method: 'DELETE', target: '/me' },
            () => requestHeaders(['Who', 'alice']),
            204,
          );
        };
        const isKnownAtOther = async () => (await askOther('alice')).kind === 'known';
        /** Both tell and hear: seen by a log-out of somebody else. */
        const untilConnected = () =>
          until(
            () => {
              one.onOperationEnd(
                { operationId: 'logOut', method: 'DELETE', target: '/me' },
                () => requestHeaders(['Who', 'somebody']),
                204,
              );
              const before = other.counts.forgotten;
              return until(() => other.counts.forgotten > before, { deadlineMs: 1_000 });
            },
            { ...SOON, what: 'Redis between the replicas' },
          );

        await untilConnected();
        known(await askOne('alice'));
        assert.equal(await isKnownAtOther(), true);
        logOutAtOne();
        await until(async () => !(await isKnownAtOther()), SOON);

        isIn = true;
        known(await askOther('alice'));
        await redis.kill();
        logOutAtOne();
        assert.equal((await askOne('alice')).kind, 'relay');
        // Nobody told it; it would find out within its five seconds, which are longer here.
        assert.equal(await isKnownAtOther(), true);

        await redis.start();
        // What was published in between was missed, so all is asked anew.
        await until(async () => !(await isKnownAtOther()), SOON);

        isIn = true;
        await untilConnected();
        known(await askOther('alice'));
        logOutAtOne();
        await until(async () => !(await isKnownAtOther()), SOON);
      }),
    );
  });

  it('holds up neither the start nor a request where Redis was never there', async () => {
    await using upstream = await startUpstream((_request, response) => response.end(OK));
    const redisUrl = (await refusedUrl()).replace('http', 'redis');
    await withIdentity({ ...upstream, redisUrl }, async (identity, ask) => {
      for (let each = 0; each < 2_000; each++) {
        identity.onOperationEnd(
          { operationId: 'logOut', method: 'DELETE', target: '/me' },
          () => requestHeaders(['Who', `u${each}`]),
          204,
        );
      }
      known(await ask('alice'));
    });
  });
});

describe('the keys', () => {
  const secret = (fill: number) => Buffer.alloc(32, fill).toString('base64url');

  it('sign as RFC 7515 has it', async () => {
    const { ring } = await openKeyRing({ ...quiet(), setting: `a.1:${secret(1)},b:${secret(2)}` });
    assert.ok(ring);
    await using upstream = await startUpstream((_request, response) => response.end(OK));
    const identity = createIdentity({
      adapter: simpleAdapter,
      monolith: upstream,
      keyRing: ring,
      now: () => Date.now(),
      monotonicMs: () => performance.now(),
      logger: silent.logger,
    });
    const { token } = known(
      await identity.identify(
        { headers: requestHeaders(), audience: 'booking' },
        new AbortController().signal,
      ),
    );
    identity.stop();
    const [head, claims, signature] = token.split('.');
    const expected = createHmac('sha256', Buffer.alloc(32, 1))
      .update(`${head}.${claims}`)
      .digest('base64url');
    assert.equal(signature, expected);
    assert.deepEqual(headOf(token), { alg: 'HS256', kid: 'a.1' });
    assert.equal(claimsOf(token).aud, 'booking');
  });

  it('in a file rotate without a restart; a file that is wrong or gone leaves those of before', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'banyan-keys-'));
    const file = join(folder, 'keys');
    const rotated: string[] = [];
    const faults: string[] = [];
    /** In one piece, so that it is never read half written. */
    const put = async (text: string): Promise<void> => {
      await writeFile(`${file}.new`, text);
      await rename(`${file}.new`, file);
    };
    await put(`k1:${secret(1)}\n`);
    const { ring } = await openKeyRing({
      setting: `@${file}`,
      checkIntervalMs: 5,
      onRotated: (kid) => rotated.push(kid),
      onFault: (said) => faults.push(...said),
    });
    assert.ok(ring);
    assert.equal(ring.signing().kid, 'k1');
    assert.equal(ring.keys().length, 1);

    await put(`k2:${secret(2)}\nk1:${secret(1)}\n`);
    await until(() => ring.signing().kid === 'k2', SOON);
    assert.deepEqual(
      ring.keys().map(({ kid }) => kid),
      ['k2', 'k1'],
    );
    await put('nonsense');
    await until(() => faults.length > 0, SOON);
    await rm(file);
    await until(() => faults.some((fault) => fault.includes('ENOENT')), SOON);
    assert.equal(ring.signing().kid, 'k2');

    // As orchestrators swap secrets: another file behind the same link.
    await writeFile(join(folder, 'v3'), `k3:${secret(3)}`);
    await symlink(join(folder, 'v3'), join(folder, 'link'));
    await rename(join(folder, 'link'), file);
    await until(() => ring.signing().kid === 'k3', SOON);
    assert.deepEqual(rotated, ['k2', 'k3']);
    assert.equal(faults.length, 2);
    ring.stop();
    await rm(folder, { recursive: true });
  });

  it('are refused with all that is wrong, and show no secret', async () => {
    const short = Buffer.alloc(31, 7).toString('base64url');
    const setting = `k1:${secret(1)},k1:${secret(2)},nosecret,bad id!:${secret(3)},k4:${short},k5:a+b/c`;
    const { faults = [] } = await openKeyRing({ ...quiet(), setting });
    assert.deepEqual(faults, [
      'entry 2 must not repeat the key id of another entry',
      'entry 3 must be a key id, a colon and a secret in base64url',
      'entry 4 must be a key id, a colon and a secret in base64url',
      'entry 5 must begin with a key id of 1 to 64 letters, digits, dots, dashes or underscores',
      'entry 6 must have a secret of 32 to 1024 bytes, not 31',
      'entry 7 must have its secret in base64url after the colon',
    ]);
    assert.deepEqual((await openKeyRing({ ...quiet(), setting: '@/no/such/file' })).faults, [
      'must name a file of keys that can be read (ENOENT)',
    ]);
    assert.equal((await openKeyRing({ ...quiet(), setting: ' , ' })).faults?.length, 1);
  });
});

function quiet() {
  return { onRotated: () => {}, onFault: () => {} };
}

function pour(socket: Parameters<Parameters<typeof startRawUpstream>[0]>[0], head: string): void {
  socket.write(head);
  const more = (): void => {
    while (!socket.destroyed && socket.write('x'.repeat(8_192)));
  };
  socket.on('drain', more);
  more();
}

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createDataPath } from '../../src/datapath/data-path.ts';
import { createDial } from '../../src/datapath/dial.ts';
import type { Exchange } from '../../src/datapath/exchange.ts';
import { createForwardingRule } from '../../src/datapath/forwarding.ts';
import { DEFAULT_LIMITS } from '../../src/datapath/limits.ts';
import type { ResponseTap } from '../../src/datapath/response-tap.ts';
import { createUpstream, type Upstream } from '../../src/datapath/upstream.ts';
import { connectRaw, type RawSocket } from './kit/raw-socket.ts';
import { RecordingUpstream } from './kit/recording-upstream.ts';

type World = {
  readonly client: RawSocket;
  readonly monolith: RecordingUpstream;
  readonly outcomes: string[];
};

/** A client before a data path with this handler, before a monolith whose part the test plays. */
async function between(
  handle: (exchange: Exchange, upstream: Upstream) => void | Promise<void>,
  work: (world: World) => Promise<void>,
): Promise<void> {
  const monolith = new RecordingUpstream();
  await monolith.start();
  // Nothing here is late, however slow the machine.
  const now = (): number => 0;
  const dial = createDial({ url: new URL(monolith.url), authorities: undefined, tcpKeepAliveMs: 60_000 });
  const upstream = createUpstream({ dial, limits: DEFAULT_LIMITS, now });
  const outcomes: string[] = [];
  const path = createDataPath({
    limits: DEFAULT_LIMITS,
    forwarding: createForwardingRule('off', []),
    handle: (exchange) => {
      exchange.onEnd = (outcome) => outcomes.push(outcome);
      return handle(exchange, upstream);
    },
    reportFailure: (failure) => outcomes.push(String(failure)),
    upstreams: [upstream],
    now,
    wallClock: () => new Date('2026-11-22T19:30:00Z'),
  });
  const { port } = await path.listen(0, '127.0.0.1');
  const client = await connectRaw(port);
  try {
    await work({ client, monolith, outcomes });
  } finally {
    client.destroy();
    await path.drain(100);
    await monolith.stop();
  }
}

const PROOF = { omit: new Set(['x-proof']), append: ['X-Proof', 'ours'] };
const NO_OVERRIDE = { omit: new Set(['x-override', 'cookie']), append: ['Cookie', 'a=1; c=3'] };
const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

describe('a head that was edited', () => {
  test('is what the monolith gets, each other byte as it came, in its place', async () => {
    const edit = (exchange: Exchange, upstream: Upstream): void => {
      exchange.editHead(NO_OVERRIDE);
      assert.deepEqual(exchange.head.values('cookie'), ['a=1; c=3']);
      exchange.forward(upstream);
    };
    await between(edit, async ({ client, monolith }) => {
      client.send(
        'POST /x HTTP/1.1\r\nHost:a\r\nX-OverRide: t\r\ncOOkie: a=1; b=2; c=3\r\nX-Last:  1\r\nContent-Length: 2\r\n\r\nhi',
      );
      const upstream = await monolith.take();
      assert.equal(
        await upstream.readUntil('hi'),
        'POST /x HTTP/1.1\r\nHost:a\r\nCookie: a=1; c=3\r\nX-Last:  1\r\nContent-Length: 2\r\n\r\nhi',
      );
      upstream.send('HTTP/1.1 204 No Content\r\n\r\n');
      assert.equal(await client.readHead(), 'HTTP/1.1 204 No Content\r\n\r\n');
      client.send(
        'GET /ws HTTP/1.1\r\nHost: a\r\nX-Override: t\r\nConnection: Upgrade\r\nUpgrade: w\r\n\r\n',
      );
      assert.equal(
        await (await monolith.take()).readHead(),
        'GET /ws HTTP/1.1\r\nHost: a\r\nCookie: a=1; c=3\r\nConnection: Upgrade\r\nUpgrade: w\r\n\r\n',
      );
    });
  });
});

describe('lines that every answer is to carry', () => {
  const forward = (exchange: Exchange, upstream: Upstream): void => {
    exchange.answerEdits = PROOF;
    exchange.forward(upstream);
  };

  test('stand in forwarded answers in the place of the monolith’s own, and not in interim ones', async () => {
    await between(forward, async ({ client, monolith }) => {
      client.send(GET);
      const upstream = await monolith.take();
      await upstream.readHead();
      upstream.send('HTTP/1.1 103 Early Hints\r\nX-Proof: 1\r\n\r\n');
      assert.equal(await client.readHead(), 'HTTP/1.1 103 Early Hints\r\nX-Proof: 1\r\n\r\n');
      upstream.send('HTTP/1.1 200 OK\r\nx-proof: theirs\r\nA: b\r\nContent-Length: 2\r\n\r\nok');
      assert.equal(
        await client.readUntil('ok'),
        'HTTP/1.1 200 OK\r\nA: b\r\nContent-Length: 2\r\nX-Proof: ours\r\n\r\nok',
      );
    });
  });

  test('stand in a 101, which stays what it is', async () => {
    await between(forward, async ({ client, monolith, outcomes }) => {
      client.send('GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: w\r\n\r\n');
      const upstream = await monolith.take();
      await upstream.readHead();
      upstream.send(
        'HTTP/1.1 101 Switching Protocols\r\nX-Proof: 0\r\nConnection: Upgrade\r\nUpgrade: w\r\n\r\nhi',
      );
      assert.equal(
        (await client.readHead()) + (await client.readExactly(2)).toString(),
        'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: w\r\nX-Proof: ours\r\n\r\nhi',
      );
      client.send('there');
      await upstream.readUntil('there');
      client.end();
      upstream.end();
      await client.readToEnd();
      assert.deepEqual(outcomes, ['tunnelled']);
    });
  });

  test('stand in what the gateway answers, by itself or for a monolith that gave no answer', async () => {
    await between(forward, async ({ client, monolith }) => {
      client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n');
      (await monolith.take()).destroy();
      assert.match(await client.readHead(), /^HTTP\/1\.1 502 [\s\S]*\r\nX-Proof: ours\r\n/);
    });
    const here = async (exchange: Exchange): Promise<void> => {
      exchange.answerEdits = PROOF;
      const local = exchange.answerHere({ bodyBytesMax: 10, onGone: () => {} });
      await local?.send({ status: 304, headers: [['A', 'b']], body: null }, new Date(0));
    };
    await between(here, async ({ client }) => {
      client.send(GET);
      assert.equal(
        await client.readHead(),
        'HTTP/1.1 304 Not Modified\r\nA: b\r\nX-Proof: ours\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n\r\n',
      );
    });
  });
});

describe('a request whose way is not decided yet', () => {
  test('waits with its body, and goes where it is then sent', async () => {
    const decided = Promise.withResolvers<void>();
    const handle = async (exchange: Exchange, upstream: Upstream): Promise<void> => {
      exchange.wait(() => assert.fail('the client is there'));
      await decided.promise;
      exchange.forward(upstream);
    };
    await between(handle, async ({ client, monolith }) => {
      client.send(
        `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n${GET}`,
      );
      client.end();
      setImmediate(decided.resolve);
      const upstream = await monolith.take();
      assert.match(await upstream.readUntil('0\r\n\r\n'), /\r\n\r\n2\r\nhi\r\n0\r\n\r\n$/);
      upstream.send('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
      assert.match(await client.readUntil('ok'), /^HTTP\/1\.1 200/);
    });
  });

  test('tells whoever decides that the client left; nothing is sent anywhere then', async () => {
    const gone = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<Exchange>();
    const handle = (each: Exchange): void => {
      each.wait(gone.resolve);
      asked.resolve(each);
    };
    await between(handle, async ({ client, monolith, outcomes }) => {
      client.send(GET);
      const exchange = await asked.promise;
      client.reset();
      await gone.promise;
      assert.equal(exchange.answerHere({ bodyBytesMax: 1, onGone: () => {} }), undefined);
      assert.equal(monolith.connections.length, 0);
      assert.deepEqual(outcomes, ['client-gone']);
    });
  });

  test('of a client that has only half closed is the monolith’s to answer, and not to be answered here', async () => {
    for (const isForwarded of [true, false]) {
      const ended = Promise.withResolvers<void>();
      const handle = async (exchange: Exchange, upstream: Upstream): Promise<void> => {
        exchange.wait(() => {});
        const { clientEnded } = exchange;
        exchange.clientEnded = () => {
          clientEnded.call(exchange);
          ended.resolve();
        };
        await ended.promise;
        if (isForwarded) exchange.forward(upstream);
        else assert.equal(exchange.answerHere({ bodyBytesMax: 1, onGone: () => {} }), undefined);
      };
      await between(handle, async ({ client, monolith, outcomes }) => {
        client.socket.end(GET);
        if (isForwarded) {
          const upstream = await monolith.take();
          await upstream.readHead();
          await upstream.waitFor(() => upstream.ended === 'end');
          upstream.send('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
          assert.match(await client.readUntil('ok'), /^HTTP\/1\.1 200/);
        } else assert.equal((await client.readToEnd()).text, '');
        assert.deepEqual(outcomes, isForwarded ? ['answered'] : ['client-gone']);
      });
    }
  });
});

describe('an answer that was to be made here', () => {
  const handOver =
    (told: boolean[], reads = false) =>
    async (exchange: Exchange, upstream: Upstream): Promise<void> => {
      const local = exchange.answerHere({ bodyBytesMax: 10, onGone: () => {} });
      if (reads) await local?.readBody();
      const isHandedOver = local?.handOver() === true;
      told.push(isHandedOver);
      if (isHandedOver) exchange.forward(upstream);
      await local?.send({ status: 200, headers: [], body: Buffer.from('here') }, new Date(0));
    };

  test('may be left to the monolith, which gets the request whole, a body that nobody read too', async () => {
    const told: boolean[] = [];
    await between(handOver(told), async ({ client, monolith }) => {
      client.send(GET);
      const upstream = await monolith.take();
      await upstream.readHead();
      upstream.send('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nthere');
      assert.equal(await client.readUntil('there'), 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nthere');
      client.send('GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n');
      await upstream.readUntil('2\r\nhi\r\n');
      client.send('0\r\n\r\n');
      await upstream.readUntil('0\r\n\r\n');
      upstream.send('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nagain');
      await client.readUntil('again');
      assert.deepEqual(told, [true, true]);
    });
  });

  test('may not once it has read a body', async () => {
    const told: boolean[] = [];
    await between(handOver(told, true), async ({ client, monolith }) => {
      client.send('GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi');
      assert.match(await client.readUntil('here'), /^HTTP\/1\.1 200/);
      assert.deepEqual(told, [false]);
      assert.equal(monolith.connections.length, 0);
    });
  });

  test('may not once its answer has begun', async () => {
    const told: (boolean | undefined)[] = [];
    const handle = async (exchange: Exchange): Promise<void> => {
      const local = exchange.answerHere({ bodyBytesMax: 10, onGone: () => {} });
      async function* body(): AsyncGenerator<Buffer> {
        yield Buffer.from('be');
        told.push(local?.handOver());
        yield Buffer.from('gun');
      }
      await local?.send({ status: 200, headers: [['Content-Length', '5']], body: body() }, new Date(0));
    };
    await between(handle, async ({ client }) => {
      client.send(GET);
      await client.readUntil('begun');
      assert.deepEqual(told, [false]);
    });
  });
});

describe('a tap', () => {
  const recorder = (log: string[]): ResponseTap => ({
    onHead: (status, lines) => log.push(`${status} ${lines.map((line) => line.join('=')).join(' ')}`),
    onBody: (bytes) => log.push(bytes.toString('latin1')),
    onEnd: (isWhole) => log.push(isWhole ? 'whole' : 'broken'),
  });
  const tapped =
    (tap: ResponseTap) =>
    (exchange: Exchange, upstream: Upstream): void =>
      exchange.forward(upstream, { tap });

  const CASES: readonly (readonly [
    name: string,
    request: string,
    answer: readonly string[],
    log: string[],
  ])[] = [
    [
      'a body by its length, with the connection’s own lines cut out of what the client gets',
      GET,
      ['HTTP/1.1 200 OK\r\nKeep-Alive: 1\r\nA: b\r\nContent-Length: 4\r\n\r\nok', 'ay'],
      ['200 Keep-Alive=1 A=b Content-Length=4', 'ok', 'ay', 'whole'],
    ],
    [
      'chunks without their framing, however they are cut',
      GET,
      [
        'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4;x=1\r\nok',
        'ay\r\n',
        '3\r\nyes\r\n0\r\nX-T: 1\r\n\r\n',
      ],
      ['200 Transfer-Encoding=chunked', 'ok', 'ay', 'yes', 'whole'],
    ],
    ['no body of a 304', GET, ['HTTP/1.1 304 Not Modified\r\nETag: "1"\r\n\r\n'], ['304 ETag="1"', 'whole']],
    [
      'the final answer and no interim one',
      GET,
      ['HTTP/1.1 103 Early\r\n\r\n', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'],
      ['200 Content-Length=0', 'whole'],
    ],
    [
      'chunks that an old client gets decoded',
      'GET / HTTP/1.0\r\nHost: a\r\n\r\n',
      ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n'],
      ['200 Transfer-Encoding=chunked', 'ok', 'whole'],
    ],
  ];
  for (const [name, request, answer, expected] of CASES) {
    test(`hears ${name}`, async () => {
      const log: string[] = [];
      await between(tapped(recorder(log)), async ({ client, monolith }) => {
        client.send(request);
        const upstream = await monolith.take();
        await upstream.readHead();
        for (const piece of answer) {
          const before = client.receivedBytes;
          upstream.send(piece);
          // Piece by piece, as the table has them.
          await client.waitFor(() => client.receivedBytes > before || log.at(-1) === 'whole');
        }
        await client.waitFor(() => log.at(-1) === 'whole');
        assert.deepEqual(log, expected);
      });
    });
  }

  test('hears that an answer did not come whole: cut short, never begun, or of no use to a client that left', async () => {
    const cut: string[] = [];
    await between(tapped(recorder(cut)), async ({ client, monolith }) => {
      client.send(GET);
      const upstream = await monolith.take();
      await upstream.readHead();
      upstream.send('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok');
      await client.readUntil('ok');
      upstream.destroy();
      await client.readToEnd();
    });
    assert.deepEqual(cut, ['200 Content-Length=9', 'ok', 'broken']);

    const none: string[] = [];
    await between(tapped(recorder(none)), async ({ client, monolith }) => {
      client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n');
      (await monolith.take()).destroy();
      await client.readHead();
    });
    assert.deepEqual(none, ['broken']);

    const left: string[] = [];
    await between(tapped(recorder(left)), async ({ client, monolith }) => {
      client.send(GET);
      const upstream = await monolith.take();
      await upstream.readHead();
      upstream.send('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok');
      await client.readUntil('ok');
      client.reset();
      await upstream.waitFor(() => upstream.ended !== undefined);
    });
    assert.deepEqual(left, ['200 Content-Length=9', 'ok', 'broken']);
  });

  test('that throws costs the client nothing', async () => {
    const fail = (): never => {
      throw new Error('on purpose');
    };
    const broken: ResponseTap = { onHead: fail, onBody: fail, onEnd: fail };
    await between(tapped(broken), async ({ client, monolith, outcomes }) => {
      client.send(GET);
      const upstream = await monolith.take();
      await upstream.readHead();
      upstream.send('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
      assert.equal(await client.readUntil('ok'), 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
      assert.deepEqual(outcomes, ['answered']);
    });
  });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '@banyan/stack/testing/until';
import { createDataPath } from '../../src/datapath/data-path.ts';
import { createForwardingRule } from '../../src/datapath/forwarding.ts';
import { DEFAULT_LIMITS } from '../../src/datapath/limits.ts';
import type { LocalAnswer, LocalContent } from '../../src/datapath/local-answer.ts';
import type { RequestHead } from '../../src/wire/request-head.ts';
import { connectRaw, type RawSocket } from './kit/raw-socket.ts';

const SOON = { deadlineMs: 30_000 };
const NOW = new Date('2026-11-22T19:30:00Z');
const DATE = 'Date: Sun, 22 Nov 2026 19:30:00 GMT\r\n';
const TEXT = ['Content-Type', 'text/plain'] as const;

type Handler = (
  answer: LocalAnswer,
  head: RequestHead,
  gone: AbortSignal,
) => Promise<LocalContent | undefined>;

async function withPath(handler: Handler, work: (port: number) => Promise<void>): Promise<string[]> {
  const outcomes: string[] = [];
  const now = (): number => performance.now();
  const path = createDataPath({
    limits: DEFAULT_LIMITS,
    forwarding: createForwardingRule('append', []),
    handle: async (exchange) => {
      exchange.onEnd = (outcome) => outcomes.push(outcome);
      const gone = new AbortController();
      const answer = exchange.answerHere({ bodyBytesMax: 10, onGone: () => gone.abort() });
      if (answer === undefined) return;
      const content = await handler(answer, exchange.head, gone.signal);
      if (content !== undefined) await answer.send(content, NOW, [['X-More', '1']]);
    },
    reportFailure: (failure) => outcomes.push(String(failure)),
    upstreams: [],
    now,
    wallClock: () => NOW,
  });
  const { port } = await path.listen(0, '127.0.0.1');
  try {
    await work(port);
  } finally {
    await path.drain(100);
  }
  return outcomes;
}

async function talk(handler: Handler, work: (client: RawSocket) => Promise<void>): Promise<string[]> {
  return withPath(handler, async (port) => {
    const client = await connectRaw(port);
    try {
      await work(client);
    } finally {
      client.destroy();
    }
  });
}

const post = (fields: string, body = ''): string => `POST / HTTP/1.1\r\nHost: a\r\n${fields}\r\n\r\n${body}`;

const echo: Handler = async (answer) => {
  const body = await answer.readBody();
  if (body.kind === 'refused') return { status: 413, headers: [TEXT], body: Buffer.from(body.reason) };
  return { status: 200, headers: [TEXT], body: body.bytes };
};

async function* pieces(...texts: string[]): AsyncGenerator<Buffer> {
  for (const text of texts) yield Buffer.from(text);
}

test('a body comes by length or by chunks, whole, and the connection serves on', async () => {
  await talk(echo, async (client) => {
    client.send(post('Content-Length: 5', 'he'));
    client.send('llo');
    assert.equal(
      await client.readUntil('hello'),
      `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nX-More: 1\r\n${DATE}Content-Length: 5\r\n\r\nhello`,
    );
    client.send(post('Transfer-Encoding: chunked', '3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n'));
    assert.match(await client.readUntil('abcde'), /^HTTP\/1\.1 200 OK/);
  });
});

test('a client that waits for 100 Continue gets it, whatever is answered', async () => {
  const refuse: Handler = async () => ({ status: 401, headers: [], body: Buffer.from('no!') });
  for (const [handler, status] of [
    [echo, 200],
    [refuse, 401],
  ] as const) {
    await talk(handler, async (client) => {
      client.send(post('Expect: 100-continue\r\nContent-Length: 5'));
      assert.equal(await client.readHead(), 'HTTP/1.1 100 Continue\r\n\r\n');
      client.send('hello');
      assert.match(await client.readHead(), new RegExp(`^HTTP/1.1 ${status} `));
    });
  }
});

test('a body that is too large is read off, the client hears 413, and the connection serves on', async () => {
  await talk(echo, async (client) => {
    client.send(post('Content-Length: 50', 'x'.repeat(20)));
    client.send('x'.repeat(30));
    assert.match(await client.readUntil('too-large'), /^HTTP\/1\.1 413 Payload Too Large\r\n/);
    client.send(post('Content-Length: 2', 'ok'));
    assert.match(await client.readUntil('ok'), /HTTP\/1\.1 200 OK/);
  });
});

test('a body without an end is not read for ever: 413, and the connection closes', async () => {
  await talk(echo, async (client) => {
    client.send(post('Transfer-Encoding: chunked'));
    for (let sent = 0; sent < 1_000; sent += 100) client.send(`64\r\n${'x'.repeat(100)}\r\n`);
    assert.match(
      (await client.readToEnd()).text,
      /^HTTP\/1\.1 413 [\s\S]*Connection: close\r\n\r\ntoo-large$/,
    );
  });
});

test('an answer before the body was read leaves the connection to the next request', async () => {
  let asked = 0;
  const handler: Handler = async () => {
    asked += 1;
    return { status: 401, headers: [], body: Buffer.from(`no ${asked}`) };
  };
  await talk(handler, async (client) => {
    client.send(post('Content-Length: 500', 'x'.repeat(100)));
    const first = await client.readUntil('no 1');
    assert.doesNotMatch(first, /Connection/);
    client.send(`${'x'.repeat(400)}${post('Content-Length: 1', 'y')}`);
    assert.match(await client.readUntil('no 2'), /^HTTP\/1\.1 401/);
  });
});

test('pipelined requests are answered in their order, one at a time', async () => {
  let under = 0;
  const handler: Handler = async (_answer, head) => {
    under += 1;
    assert.equal(under, 1);
    await new Promise((resolve) => setTimeout(resolve, head.target === '/1' ? 20 : 0));
    under -= 1;
    return { status: 200, headers: [], body: Buffer.from(`<${head.target}>`) };
  };
  await talk(handler, async (client) => {
    client.send('GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n');
    assert.match(await client.readUntil('</2>'), /<\/1>HTTP[\s\S]*<\/2>$/);
  });
});

test('HEAD, 204 and 304 have no body and are not framed', async () => {
  const answers: Record<string, LocalContent> = {
    '/bytes': { status: 200, headers: [['Content-Length', '5']], body: Buffer.from('hello') },
    '/plain': { status: 200, headers: [], body: Buffer.from('hello') },
    '/stream': { status: 200, headers: [], body: pieces('a') },
  };
  await talk(
    async (_answer, head) => answers[head.target],
    async (client) => {
      client.send('HEAD /bytes HTTP/1.1\r\nHost: a\r\n\r\n');
      assert.equal(
        await client.readHead(),
        `HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-More: 1\r\n${DATE}\r\n`,
      );
      for (const path of ['/plain', '/stream']) {
        client.send(`HEAD ${path} HTTP/1.1\r\nHost: a\r\n\r\n`);
        assert.equal(await client.readHead(), `HTTP/1.1 200 OK\r\nX-More: 1\r\n${DATE}\r\n`);
      }
    },
  );
  await talk(
    async (_answer, head) => ({ status: Number(head.target.slice(1)), headers: [], body: null }),
    async (client) => {
      for (const status of [204, 304]) {
        client.send(`GET /${status} HTTP/1.1\r\nHost: a\r\n\r\n`);
        assert.match(
          await client.readHead(),
          new RegExp(`^HTTP/1.1 ${status} .*\r\nX-More: 1\r\n${DATE}\r\n$`),
        );
      }
      client.send('GET /200 HTTP/1.1\r\nHost: a\r\n\r\n');
      assert.match(await client.readHead(), /\r\nContent-Length: 0\r\n\r\n$/);
    },
  );
});

test('a stream goes out in chunks with its trailers; to an HTTP/1.0 client until the end', async () => {
  const handler: Handler = async () => ({
    status: 200,
    headers: [['Trailer', 'X-Count']],
    body: pieces('one,', 'two'),
    trailers: () => [['X-Count', '2']],
  });
  await talk(handler, async (client) => {
    client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    assert.equal(
      await client.readUntil('X-Count: 2\r\n\r\n'),
      `HTTP/1.1 200 OK\r\nTrailer: X-Count\r\nX-More: 1\r\n${DATE}Transfer-Encoding: chunked\r\n\r\n` +
        '4\r\none,\r\n3\r\ntwo\r\n0\r\nX-Count: 2\r\n\r\n',
    );
    client.send('GET / HTTP/1.0\r\n\r\n');
    assert.match((await client.readToEnd()).text, /\r\nConnection: close\r\n\r\none,two$/);
  });
});

test('a stream that fails under way, or is too short or too long, is no whole answer', async () => {
  async function* failing(): AsyncGenerator<Buffer> {
    yield Buffer.from('one,');
    throw new Error('on purpose');
  }
  const length = ['Content-Length', '7'] as const;
  const broken: [LocalContent, RegExp][] = [
    [{ status: 200, headers: [], body: failing() }, /4\r\none,\r\n$/],
    [{ status: 200, headers: [length], body: failing() }, /\r\n\r\none,$/],
    [{ status: 200, headers: [length], body: pieces('one,') }, /\r\n\r\none,$/],
    [{ status: 200, headers: [length], body: pieces('one,', 'three') }, /\r\n\r\none,$/],
  ];
  for (const [content, received] of broken) {
    const outcomes = await talk(
      async () => content,
      async (client) => {
        client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
        assert.match((await client.readToEnd()).text, received);
      },
    );
    assert.deepEqual(outcomes, ['broken']);
  }
});

test('a body is made no faster than the client takes it, and no more once the client has left', async () => {
  let made = 0;
  let returned = false;
  async function* endless(): AsyncGenerator<Buffer> {
    try {
      for (;;) {
        made += 1;
        yield Buffer.alloc(65_536);
      }
    } finally {
      returned = true;
    }
  }
  const outcomes = await withPath(
    async () => ({ status: 200, headers: [], body: endless() }),
    async (port) => {
      const client = await connectRaw(port);
      client.socket.pause();
      client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
      await until(() => made > 0, SOON);
      let before = -1;
      while (made !== before) {
        before = made;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      assert.ok(made < 400, `${made} pieces were made for a client that took none`);
      client.destroy();
      await until(() => returned, { ...SOON, what: 'the end of the body' });
    },
  );
  assert.deepEqual(outcomes, ['client-gone']);
});

test('a client that leaves is told to the handler, also in the middle of its body', async () => {
  for (const sent of ['GET / HTTP/1.1\r\nHost: a\r\n\r\n', post('Content-Length: 5', 'he')]) {
    let heard: unknown;
    let isAsked = false;
    const outcomes = await withPath(
      async (answer, _head, gone) => {
        isAsked = true;
        const body = await answer.readBody();
        if (body.kind === 'bytes') {
          await new Promise<void>((resolve) => gone.addEventListener('abort', () => resolve()));
        }
        heard = { body: body.kind, gone: gone.aborted };
        return undefined;
      },
      async (port) => {
        const client = await connectRaw(port);
        client.send(sent);
        await until(() => isAsked, { ...SOON, what: 'the request' });
        client.destroy();
        await until(() => heard, { ...SOON, what: 'word of its leaving' });
      },
    );
    assert.deepEqual(heard, { body: sent.startsWith('GET') ? 'bytes' : 'refused', gone: true });
    assert.deepEqual(outcomes, ['client-gone']);
  }
});

test('a line that would end its line, or is no Latin-1, is not written', async () => {
  for (const line of [
    ['X-A', 'a\r\nX-B: b'],
    ['X-A', 'ł'],
    ['X A', 'a'],
  ] as const) {
    const outcomes = await talk(
      async () => ({ status: 200, headers: [line], body: null }),
      async (client) => {
        client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
        assert.match(await client.readHead(), /^HTTP\/1\.1 500 /);
      },
    );
    assert.match(outcomes[0] ?? '', /UnwritableLine/);
  }
});

import { strict as assert } from 'node:assert';
import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import { connect, createServer as createTcpServer, type Server as TcpServer } from 'node:net';
import { after, before, test } from 'node:test';
import { type RunningProxy, startOurs } from '../kit/proxies.ts';
import { createRandom, inPieces, mutate, type Random, rounds, seedOfRun } from './mutate.ts';
import { REQUEST_SEEDS, RESPONSE_SEEDS } from './seeds.ts';

/*
 * The whole path under mutated traffic. What it must hold whatever comes: nothing throws, every connection
 * ends within its deadlines, no request appears upstream that the same bytes sent directly would not have
 * made, and no answer is taken for whole by a client that would not have taken it directly.
 */
const AT_ONCE = 8;
/** Small, since many of the requests never end. */
const LIMITS = { headMs: 250, bodyIdleMs: 250, firstByteMs: 500, clientIdleMs: 250, lingerMs: 250 };
/** The monolith ends every answer: none is late, unless it is the machine. */
const PATIENT = { headMs: 30_000, bodyIdleMs: 30_000, firstByteMs: 30_000, clientIdleMs: 30_000 };
/** After this a connection would never end. */
const END_MS = 60_000;
/** Of half of the connections, whatever the machine adds to some. */
const HALF_END_MS = 3_000;

const portOf = (server: Server | TcpServer): number => {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
};
const listen = (server: Server | TcpServer): Promise<void> =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));

async function inParallel(
  count: number,
  run: (round: number, random: Random) => Promise<void>,
): Promise<void> {
  let round = 0;
  const seed = seedOfRun();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      // Each round has numbers of its own, so that it can be run again alone.
      while (round < count) await run(round, createRandom(seed + round++ * 7919));
    }),
  );
}

test('mutated requests', { timeout: 600_000 }, async (t) => {
  let seen: string[] = [];
  const records = new Map<string, string[]>();
  /** A monolith that notes the requests it understood, by the mark that each stream's targets carry. */
  const server = createServer({
    keepAliveTimeout: 1000,
    requestTimeout: 400,
    connectionsCheckingInterval: 100,
  });
  const take = (req: IncomingMessage, res: import('node:http').ServerResponse): void => {
    let body = '';
    req.setEncoding('latin1');
    req.on('error', () => {});
    req.on('data', (piece: string) => {
      body += piece;
    });
    req.on('end', () => {
      const mark = /mark(\d+)(d|v)/.exec(`${req.headers['x-mark']}`)?.[0];
      if (mark !== undefined) {
        seen = records.get(mark) ?? [];
        seen.push(`${req.method} ${originForm(req.url ?? '')} ${body.replaceAll(mark, 'mark')}`);
        records.set(mark, seen);
      }
      res.end('ok');
    });
  };
  server.on('request', take);
  server.on('checkContinue', take);
  server.on('checkExpectation', take);
  server.on('clientError', (_error, socket) => socket.destroy());
  let proxy: RunningProxy;
  before(async () => {
    await listen(server);
    proxy = await startOurs(`http://127.0.0.1:${portOf(server)}`, { limits: LIMITS });
  });
  after(async () => {
    await proxy.stop();
    server.closeAllConnections();
    server.close();
  });

  await t.test('make no request that they would not make directly', async () => {
    const tookMs: number[] = [];
    await inParallel(rounds(1200), async (round, random) => {
      // The mark stands in a field of every head, so that spliced heads carry it too.
      const text = mutate(random.pick(REQUEST_SEEDS), REQUEST_SEEDS, random);
      const send = async (port: number, way: 'd' | 'v'): Promise<string[]> => {
        const mark = `mark${round}${way}`;
        const marked = text.replaceAll('Host: a.example\r\n', `Host: a.example\r\nX-Mark: ${mark}\r\n`);
        await sendAll(port, inPieces(marked, random));
        const requests = records.get(mark) ?? [];
        records.delete(mark);
        return requests;
      };
      const startedAt = performance.now();
      const via = await send(proxy.port, 'v');
      tookMs.push(performance.now() - startedAt);
      if (via.length === 0) return;
      const direct = await send(portOf(server), 'd');
      // Direct, the first that Node refuses ends the connection; through us the next has one of its own.
      for (const [i, made] of via.entries()) {
        if (i >= direct.length) break;
        assert.equal(made, direct[i], `round ${round} of seed ${seedOfRun()}: ${JSON.stringify(text)}`);
      }
    });
    tookMs.sort((one, other) => one - other);
    const halfMs = tookMs[tookMs.length >> 1] ?? Number.NaN;
    assert.ok(halfMs < HALF_END_MS, `half of the connections took longer than ${halfMs} ms to end`);
  });
});

/** Sends the pieces, half-closes, and waits for the other side to end. */
function sendAll(port: number, pieces: readonly Buffer[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error('a connection did not end within its deadlines'));
    }, END_MS);
    socket.resume();
    socket.on('error', () => {});
    socket.on('close', () => {
      clearTimeout(timer);
      resolve();
    });
    socket.on('connect', async () => {
      for (const piece of pieces) {
        socket.write(piece);
        if (pieces.length > 1) await new Promise((next) => setImmediate(next));
      }
      // Behind a pause: a server may take the end for an abort of what it still works on.
      setTimeout(() => socket.end(), 15);
    });
  });
}

/** An absolute target as ours hands it on (RFC 9112 §3.2.1: with an empty path it is that of `/`). */
function originForm(target: string): string {
  const rest = target.replace(/^http:\/\/[^/?]*(?=[/?]|$)/, '');
  return rest === '' || rest.startsWith('?') ? `/${rest}` : rest;
}

type Answer =
  | { status: number; reason: string; fields: string[]; body: string; trailers: string[] }
  | 'broken';
/** Trailer fields that we do not hand on. */
const UNMERGEABLE = /^(host|connection|keep-alive|te|upgrade|trailer)$/i;
const HOPS = new Set(['connection', 'keep-alive', 'proxy-connection', 'upgrade', 'te', 'date']);

test('mutated answers', { timeout: 600_000 }, async (t) => {
  const scripts = new Map<string, string>();
  const randoms = new Map<string, Random>();
  const server = createTcpServer((socket) => {
    socket.on('error', () => {});
    let head = '';
    socket.on('data', async (chunk: Buffer) => {
      head += chunk.toString('latin1');
      const id = /^GET \/(\d+)/.exec(head)?.[1];
      if (!head.includes('\r\n\r\n') || id === undefined) return;
      head = '';
      const random = randoms.get(id) ?? createRandom(0);
      for (const piece of inPieces(scripts.get(id) ?? '', random)) {
        socket.write(piece);
        if (random.below(4) === 0) await new Promise((next) => setImmediate(next));
      }
      socket.end();
    });
  });
  let proxy: RunningProxy;
  before(async () => {
    await listen(server);
    proxy = await startOurs(`http://127.0.0.1:${portOf(server)}`, { limits: PATIENT });
  });
  after(async () => {
    await proxy.stop();
    server.close();
  });

  await t.test('are whole for a client only if they would be directly, and then the same', async () => {
    await inParallel(rounds(1200), async (round, random) => {
      const text = mutate(random.pick(RESPONSE_SEEDS), RESPONSE_SEEDS, random);
      scripts.set(`${round}`, text);
      randoms.set(`${round}`, random);
      const via = await ask(proxy.port, round);
      const plain = withoutHopsOwn(text);
      scripts.set(`${round}`, plain);
      let direct = await ask(portOf(server), round);
      const where = `round ${round} of seed ${seedOfRun()}: ${JSON.stringify(text)}`;
      if (via === 'broken' || isOurs(via)) {
        if (!isStricter(text)) assert.equal(direct, 'broken', where);
      } else {
        // Bytes behind a whole answer break it for Node's client; our client never gets them.
        for (const end of direct === 'broken' ? possibleEnds(plain, via) : []) {
          scripts.set(`${round}`, plain.slice(0, end));
          direct = await ask(portOf(server), round);
          if (direct !== 'broken') break;
        }
        assert.deepEqual(via, direct, where);
      }
      scripts.delete(`${round}`);
      randoms.delete(`${round}`);
    });
  });
});

/** A 502 or 504 of the gateway's own. */
const isOurs = ({ status, body }: Exclude<Answer, 'broken'>): boolean =>
  (status === 502 || status === 504) && body.startsWith(`{"status":${status},`);

/**
 * The answer without what is for our hop alone: Node holds chunk extensions to their grammar, and lets an interim
 * answer's Connection field speak for the final one. A client behind us sees neither.
 */
function withoutHopsOwn(text: string): string {
  const interims = /^(?:HTTP\/1\.1 1\d\d[^\r\n]*\r\n(?:[^\r\n]+\r\n)*\r\n)*/.exec(text)?.[0] ?? '';
  const final = text.slice(interims.length);
  const bodyAt = final.indexOf('\r\n\r\n') + 4;
  const head = final.slice(0, bodyAt);
  const body = final.slice(bodyAt);
  return (
    interims.replace(/\r\nconnection:[^\r\n]*/gi, '') +
    head +
    (/\nTransfer-Encoding:/i.test(head)
      ? body.replace(/^([\da-f]+);[\t\x20-\x7e\x80-\xff]*(?=\r\n)/gim, '$1')
      : body)
  );
}

/**
 * All that ours answers with a 502 although Node's client takes it: a coding that is not plainly `chunked` once
 * (Node reads such a body to the connection's end) or stands in an HTTP/1.0 answer, a control character in the reason phrase, a
 * status below 100, and line ends before a status line.
 */
const isStricter = (text: string): boolean =>
  (text.match(/\ntransfer-encoding:/gi)?.length ?? 0) > 1 ||
  /^HTTP\/1\.0 [\s\S]*\ntransfer-encoding:/i.test(text) ||
  /\ntransfer-encoding:(?![\t ]*chunked\r\n)/i.test(text) ||
  /^HTTP\/1\.[01] \d\d\d [^\r\n]*[^\t\x20-\x7e\x80-\xff\r\n]/m.test(text) ||
  /^HTTP\/1\.[01] 0\d\d/m.test(text) ||
  /^[\r\n]|^HTTP\/1\.1 1\d\d[\s\S]*?\r\n\r\n[\r\n]/.test(text);

/** Where in `text` the answer that a client took for whole may have ended. */
function possibleEnds(text: string, answer: Exclude<Answer, 'broken'>): number[] {
  const at = answer.fields.findIndex((field, i) => i % 2 === 0 && field.toLowerCase() === 'content-length');
  const length = at === -1 ? 0 : Number(answer.fields[at + 1]);
  return [...text.matchAll(/\r\n\r\n/g)].flatMap(({ index }) => [index + 4, index + 4 + length]);
}

/** One answer as Node's client reads it, without the fields of the hop. */
function ask(port: number, round: number): Promise<Answer> {
  return new Promise((resolve) => {
    const out = request(
      { port, host: '127.0.0.1', path: `/${round}`, agent: false, timeout: END_MS },
      (answer) => {
        let body = '';
        answer.setEncoding('latin1');
        answer.on('data', (piece: string) => {
          body += piece;
        });
        answer.on('error', () => resolve('broken'));
        answer.on('aborted', () => resolve('broken'));
        answer.on('end', () => {
          if (!answer.complete) return resolve('broken');
          const named = new Set(`${answer.headers.connection ?? ''}`.toLowerCase().split(/\s*,\s*/));
          const { rawHeaders } = answer;
          const fields = rawHeaders.filter((_, i) => {
            const name = (rawHeaders[i - (i % 2)] ?? '').toLowerCase();
            // A 204 has no coding (RFC 9112 §6.1): we take it away.
            const isUnlawful = answer.statusCode === 204 && name === 'transfer-encoding';
            return !HOPS.has(name) && !named.has(name) && !isUnlawful;
          });
          resolve({
            status: answer.statusCode ?? 0,
            reason: answer.statusMessage ?? '',
            fields,
            body,
            trailers: answer.rawTrailers.filter((_, i, all) => !UNMERGEABLE.test(all[i - (i % 2)] ?? '')),
          });
        });
      },
    );
    out.on('error', () => resolve('broken'));
    out.on('upgrade', (_answer, socket) => {
      socket.destroy();
      resolve('broken');
    });
    out.on('timeout', () => out.destroy(new Error('a client was left hanging')));
    out.end();
  });
}

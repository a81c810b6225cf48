import { strict as assert } from 'node:assert';
import { createServer } from 'node:http';
import { duplexPair } from 'node:stream';
import { test } from 'node:test';
import { ChunkedScanner } from '../../../src/wire/chunked.ts';
import { parseRequestHead } from '../../../src/wire/request-head.ts';
import { createRandom, mutate, rounds, seedOfRun } from './mutate.ts';
import { REQUEST_SEEDS } from './seeds.ts';

/** `body` is undefined where Node gave up on the stream behind it before handing the body on. */
type Seen = { method: string; target: string; fields: string[]; body: string | undefined };

/**
 * The requests that our reader makes of a stream, up to the first that is refused or incomplete, and their bytes
 * as they would be handed on.
 */
function readByOurs(bytes: Buffer): { requests: Seen[]; handedOn: Buffer } {
  const requests: Seen[] = [];
  const pieces: Buffer[] = [];
  const result = () => ({ requests, handedOn: Buffer.concat(pieces) });
  let at = 0;
  while (at < bytes.length) {
    while (bytes[at] === 13 && bytes[at + 1] === 10) at += 2;
    const head = parseRequestHead(bytes, at, bytes.length);
    if (typeof head === 'number' || head.fault !== undefined) return result();
    at = head.end;
    const headBytes = bytes.subarray(head.start, head.end);
    const bodyStart = at;
    let wire: Buffer | undefined;
    let body = '';
    if (head.framing === 'length') {
      if (at + head.contentLength > bytes.length) return result();
      body = bytes.toString('latin1', at, at + head.contentLength);
      at += head.contentLength;
    } else if (head.framing === 'chunked') {
      const scanner = new ChunkedScanner('data');
      at = scanner.scan(bytes, at, bytes.length);
      if (!scanner.isDone) return result();
      const handedOn = scanPieces([bytes.subarray(bodyStart, at)], 'wire');
      assert.equal(handedOn.isDone, true);
      wire = Buffer.from(handedOn.out, 'latin1');
      for (let i = 0; i < scanner.spans.length; i += 2) {
        body += bytes.toString('latin1', scanner.spans[i], scanner.spans[i + 1]);
      }
    }
    const target =
      head.authority === undefined ? head.target : (bytes.toString('latin1', head.start).split(' ')[1] ?? '');
    requests.push({ method: head.method, target, fields: head.listFields(), body });
    pieces.push(headBytes, wire ?? bytes.subarray(bodyStart, at));
    if (head.close || head.minorVersion === 0) return result();
  }
  return result();
}

/** The requests that Node's server makes of it. */
async function readByNode(bytes: Buffer): Promise<Seen[]> {
  const requests: Seen[] = [];
  const server = createServer({ keepAliveTimeout: 0 });
  const take: Parameters<typeof server.on>[1] = (req, res) => {
    const seen: Seen = { method: req.method, target: req.url, fields: req.rawHeaders, body: undefined };
    requests.push(seen);
    let body = '';
    req.setEncoding('latin1');
    req.on('data', (piece: string) => {
      body += piece;
    });
    req.on('end', () => {
      seen.body = body;
      res.end();
    });
    // A stream that ends inside a body: the request is not whole.
    req.on('error', () => {});
  };
  server.on('request', take);
  server.on('checkContinue', take);
  server.on('checkExpectation', take);
  server.on('clientError', (_error, socket) => socket.destroy());
  const [client, side] = duplexPair();
  server.emit('connection', side);
  client.resume();
  client.on('error', () => {});
  client.end(bytes);
  await new Promise<void>((resolve) => side.once('close', () => resolve()));
  client.destroy();
  return requests;
}

/**
 * Where ours is deliberately wider than Node's parser, and the two cannot be compared: methods that Node does not
 * know, and targets with raw UTF-8. An upgrade is another event in Node, and what follows it no request.
 */
function isWiderOnPurpose({ method, target, fields }: Seen): boolean {
  if (!/^(GET|HEAD|POST|PUT|PATCH|OPTIONS)$/.test(method)) return true;
  if (fields.some((field) => field.toLowerCase() === 'upgrade')) return true;
  return /[^\x21-\x7e]/.test(target);
}

/**
 * What is for this hop alone and never handed on: Node holds chunk extensions to their grammar, and obeys a
 * Connection field in a trailer. A stream that has any of it is compared as it is handed on.
 */
const holdsWhatIsDropped = (text: string): boolean =>
  /[\da-f];(?!ext=1\r\n)/i.test(text) || /\r\n0+[;\r][\s\S]*\nconnection/i.test(text);

test('what our reader takes for requests, Node takes for the same requests', {
  timeout: 300_000,
}, async () => {
  const seed = seedOfRun();
  const random = createRandom(seed);
  let compared = 0;
  for (let round = 0; round < rounds(20_000); round++) {
    const text = mutate(random.pick(REQUEST_SEEDS), REQUEST_SEEDS, random);
    const bytes = Buffer.from(text, 'latin1');
    const { requests: ours, handedOn } = readByOurs(bytes);
    if (ours.length === 0 || ours.some(isWiderOnPurpose)) continue;
    const node = (await readByNode(holdsWhatIsDropped(text) ? handedOn : bytes)).slice(0, ours.length);
    for (const [i, { body }] of node.entries()) {
      if (body === undefined && ours[i] !== undefined) ours[i].body = undefined;
    }
    assert.deepEqual(node, ours, `seed ${seed}, round ${round}: ${JSON.stringify(text)}`);
    compared++;
  }
  assert.ok(compared > rounds(20_000) / 10, `only ${compared} streams were comparable`);
});

test('a body in pieces is the body in one', () => {
  const random = createRandom(seedOfRun());
  for (let round = 0; round < rounds(3000); round++) {
    const chunks = mutate(
      '5\r\nhello\r\n3;x=y\r\nabc\r\n0\r\nX-T: v\r\nHost: b\r\n\r\n',
      ['0\r\n\r\n', '1\r\nz\r\n'],
      random,
    );
    const bytes = Buffer.from(chunks, 'latin1');
    for (const as of ['wire', 'data'] as const) {
      const whole = scanPieces([bytes], as);
      const pieces: Buffer[] = [];
      for (let at = 0; at < bytes.length; ) {
        const end = at + 1 + random.below(4);
        pieces.push(bytes.subarray(at, end));
        at = end;
      }
      const apart = scanPieces(pieces, as);
      // A fault is found at the same byte; what was handed on before it depends on the pieces.
      if (whole.isFaulty) assert.equal(apart.isFaulty, true, JSON.stringify(chunks));
      else assert.deepEqual(apart, whole, JSON.stringify(chunks));
    }
  }
});

function scanPieces(
  pieces: readonly Buffer[],
  as: 'wire' | 'data',
): {
  readonly out: string;
  readonly isDone: boolean;
  readonly isFaulty: boolean;
  readonly consumed: number;
} {
  const scanner = new ChunkedScanner(as);
  let out = '';
  let consumed = 0;
  for (const piece of pieces) {
    if (scanner.isDone || scanner.isFaulty) break;
    consumed += scanner.scan(piece, 0, piece.length);
    for (let i = 0; i < scanner.spans.length; i += 2) {
      out += piece.toString('latin1', scanner.spans[i], scanner.spans[i + 1]);
    }
    out += scanner.tail?.toString('latin1') ?? '';
  }
  return {
    out,
    isDone: scanner.isDone,
    isFaulty: scanner.isFaulty,
    consumed: scanner.isDone ? consumed : -1,
  };
}

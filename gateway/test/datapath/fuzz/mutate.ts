/** Random numbers from a seed: the same run again for the same seed. */
export type Random = { next(): number; below(limit: number): number; pick<T>(items: readonly T[]): T };

/** mulberry32. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return { next, below, pick: (items) => items[below(items.length)] as never };
}

/** What parsers have disagreed about. */
const DICTIONARY = [
  '\r\n',
  '\n',
  '\r',
  '\r\n\r\n',
  '\n\n',
  '\0',
  ' ',
  '\t',
  '\x0b',
  '\x0c',
  '\x7f',
  '\x80',
  '\xff',
  ':',
  ';',
  ',',
  '"',
  'Content-Length: 0\r\n',
  'Content-Length: 5\r\n',
  'content-length:1\r\n',
  'Content-Length: 5, 5\r\n',
  'Content-Length:\t7 \r\n',
  'Transfer-Encoding: chunked\r\n',
  'Transfer-Encoding: identity\r\n',
  'transfer-encoding:CHUNKED\r\n',
  'Transfer-Encoding: chunked, identity\r\n',
  'Transfer-Encoding : chunked\r\n',
  'Connection: close\r\n',
  'Connection: keep-alive\r\n',
  'Connection: upgrade\r\nUpgrade: websocket\r\n',
  'Upgrade: h2c\r\n',
  'Host: b\r\n',
  ' folded\r\n',
  'Expect: 100-continue\r\n',
  'Trailer: X\r\n',
  '0\r\n\r\n',
  '1\r\nz\r\n',
  'ffffffffffffffff',
  '5;x=y',
  '0x5',
  '+5',
  '-1',
  '05',
  'HTTP/1.0',
  'HTTP/1.1',
  'HTTP/2.0',
  'http/1.1',
  'GET / HTTP/1.1\r\nHost: s\r\n\r\n',
  'HEAD',
  'OPTIONS *',
  'http://h/x',
  '//',
  '%00',
  'HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx',
  'HTTP/1.1 100 Continue\r\n\r\n',
  'HTTP/1.1 103 H\r\nA: b\r\n\r\n',
  '204',
  '304',
];

/** One to four mutations of `text` (Latin-1). */
export function mutate(text: string, others: readonly string[], random: Random): string {
  let result = text;
  for (let left = 1 + random.below(4); left > 0; left--) result = mutateOnce(result, others, random);
  return result;
}

function mutateOnce(text: string, others: readonly string[], random: Random): string {
  const at = random.below(text.length + 1);
  const end = Math.min(text.length, at + 1 + random.below(8));
  switch (random.below(9)) {
    case 0:
      return text.slice(0, at) + String.fromCharCode(random.below(256)) + text.slice(at + 1);
    case 1:
      return text.slice(0, at) + text.slice(end);
    case 2:
    case 3:
      return text.slice(0, at) + random.pick(DICTIONARY) + text.slice(at);
    case 4: {
      // At the start of a line: where a field would stand.
      const line = text.indexOf('\r\n', at);
      return line === -1 ? text : text.slice(0, line + 2) + random.pick(DICTIONARY) + text.slice(line + 2);
    }
    case 5:
      return text.slice(0, end) + text.slice(at);
    case 6: {
      const breaks = text.indexOf('\r\n', at);
      return breaks === -1
        ? text
        : text.slice(0, breaks) +
            random.pick(['\n', '\r', '\r\r\n', '\r\n ', ' \r\n']) +
            text.slice(breaks + 2);
    }
    case 7: {
      const other = random.pick(others);
      return text.slice(0, at) + other.slice(random.below(other.length));
    }
    default: {
      const digit = text.slice(at).search(/\d/);
      return digit === -1 ? text : text.slice(0, at + digit) + random.below(30) + text.slice(at + digit + 1);
    }
  }
}

/** The bytes of `text` in pieces, as a network might deliver them. */
export function inPieces(text: string, random: Random): Buffer[] {
  const bytes = Buffer.from(text, 'latin1');
  if (random.below(3) > 0) return [bytes];
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + 1 + random.below(random.pick([2, 20, 200]));
    pieces.push(bytes.subarray(at, end));
    at = end;
  }
  return pieces;
}

/** How many rounds: `BANYAN_TEST_FUZZ_FACTOR` multiplies. */
export const rounds = (usual: number): number => usual * Number(process.env.BANYAN_TEST_FUZZ_FACTOR ?? 1);
export const seedOfRun = (): number => Number(process.env.BANYAN_TEST_FUZZ_SEED ?? 20_261_122);

/** Headers with the names as received, in order of first appearance; repeated ones keep their values apart. */
export type HeaderEntry = readonly [name: string, values: readonly string[]];

/** RFC 9110 §7.6.1, and those that older peers use. Framing and upgrades are each side's own business. */
const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'upgrade',
] as const;

/**
 * What an intermediary passes on of Node's `rawHeaders`: everything but the headers of the one connection, which
 * are the known ones and those that `Connection` names. `Transfer-Encoding` stays, since it says how the body
 * comes; so does what frames a body even if `Connection` names it.
 */
export function endToEndHeaders(rawHeaders: readonly string[]): HeaderEntry[] {
  const dropped = new Set<string>(HOP_BY_HOP);
  for (const token of connectionTokens(rawHeaders)) {
    if (!FRAMING.includes(token)) dropped.add(token);
  }
  const entries = new Map<string, readonly [string, string[]]>();
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string;
    const value = rawHeaders[index + 1] as string;
    const key = name.toLowerCase();
    if (dropped.has(key)) continue;
    const entry = entries.get(key);
    if (entry) entry[1].push(value);
    else entries.set(key, [name, [value]]);
  }
  return [...entries.values()];
}

const FRAMING = ['content-length', 'transfer-encoding', 'host'];

function connectionTokens(rawHeaders: readonly string[]): string[] {
  const tokens: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.toLowerCase() !== 'connection') continue;
    for (const token of (rawHeaders[index + 1] ?? '').split(',')) tokens.push(token.trim().toLowerCase());
  }
  return tokens;
}

/** Pairs of `rawTrailers`, as `addTrailers` takes them. */
export function trailerPairs(rawTrailers: readonly string[]): [string, string][] {
  const pairs: [string, string][] = [];
  for (let index = 0; index < rawTrailers.length; index += 2) {
    pairs.push([rawTrailers[index] as string, rawTrailers[index + 1] as string]);
  }
  return pairs;
}

/** Node writes a head that is flushed ahead of its body as UTF-8, which spoils other bytes than ASCII. */
export function isAscii(entries: readonly HeaderEntry[]): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the range is what ASCII is.
  return entries.every(([, values]) => values.every((value) => /^[\x00-\x7f]*$/.test(value)));
}

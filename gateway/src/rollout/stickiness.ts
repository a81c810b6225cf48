/** Among how many the accounts are spread: one for each step of a weight. */
export const BUCKETS = 100_000;

/** How many buckets a weight is; whole, so that every replica draws the same line. */
export function bucketsOf(weightPercent: number): number {
  return Math.round((weightPercent * BUCKETS) / 100);
}

/** Where an account falls among those of one salt: the same number everywhere, for ever. */
export function bucketOf(salt: string, account: string): number {
  return murmur3(`${salt}:${account}`) % BUCKETS;
}

/**
 * MurmurHash3_x86_32 of the text's UTF-8, unsigned: public domain, Austin Appleby,
 * https://github.com/aappleby/smhasher/blob/master/src/MurmurHash3.cpp
 */
export function murmur3(text: string, seed = 0): number {
  const bytes = asBytes(text);
  const { length } = bytes;
  const whole = length & ~3;
  let hash = seed | 0;
  for (let at = 0; at < whole; at += 4) {
    const block =
      bytes.charCodeAt(at) |
      (bytes.charCodeAt(at + 1) << 8) |
      (bytes.charCodeAt(at + 2) << 16) |
      (bytes.charCodeAt(at + 3) << 24);
    hash ^= mixed(block);
    hash = (hash << 13) | (hash >>> 19);
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
  }
  let tail = 0;
  for (let at = length - 1; at >= whole; at -= 1) tail = (tail << 8) | bytes.charCodeAt(at);
  if (length > whole) hash ^= mixed(tail);
  return finished(hash ^ length);
}

function mixed(block: number): number {
  const product = Math.imul(block, 0xcc9e2d51);
  return Math.imul((product << 15) | (product >>> 17), 0x1b873593);
}

function finished(hash: number): number {
  let last = hash;
  last = Math.imul(last ^ (last >>> 16), 0x85ebca6b);
  last = Math.imul(last ^ (last >>> 13), 0xc2b2ae35);
  return (last ^ (last >>> 16)) >>> 0;
}

/** UTF-8 with a character for each byte. What is ASCII, as accounts mostly are, is that already. */
function asBytes(text: string): string {
  for (let at = 0; at < text.length; at += 1) {
    if (text.charCodeAt(at) > 0x7f) return Buffer.from(text, 'utf8').toString('latin1');
  }
  return text;
}

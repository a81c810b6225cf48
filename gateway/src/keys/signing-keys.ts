import { createSecretKey, type KeyObject } from 'node:crypto';

/** A key of HMAC SHA-256. A `KeyObject` shows its secret to no log and no inspection. */
export type SigningKey = { readonly kid: string; readonly secret: KeyObject };

/** The first signs, all verify. Never empty. */
export type SigningKeys = readonly [SigningKey, ...SigningKey[]];

export type ParsedSigningKeys =
  | { readonly keys: SigningKeys; readonly faults?: undefined }
  | { readonly keys?: undefined; readonly faults: readonly string[] };

const KEYS_MAX = 16;
const SECRET_BYTES_MIN = 32;
const SECRET_BYTES_MAX = 1_024;

/**
 * Reads `kid:base64url-secret` entries, parted by commas or white space. Says all that is wrong, entry by entry, and
 * shows nothing of an entry: what stands before a colon may be a secret too.
 */
export function parseSigningKeys(text: string): ParsedSigningKeys {
  const entries = text.split(/[,\s]+/).filter((entry) => entry !== '');
  const faults: string[] = [];
  const keys: SigningKey[] = [];
  for (const [index, entry] of entries.entries()) {
    const at = `entry ${index + 1}`;
    const colon = entry.indexOf(':');
    if (colon === -1) {
      faults.push(`${at} must be a key id, a colon and a secret in base64url`);
      continue;
    }
    const kid = entry.slice(0, colon);
    const secret = readSecret(entry.slice(colon + 1));
    if (!/^[A-Za-z0-9._-]{1,64}$/.test(kid)) {
      faults.push(`${at} must begin with a key id of 1 to 64 letters, digits, dots, dashes or underscores`);
    }
    if (keys.some((key) => key.kid === kid)) faults.push(`${at} must not repeat the key id of another entry`);
    if (typeof secret === 'string') faults.push(`${at} ${secret}`);
    else keys.push({ kid, secret: createSecretKey(secret) });
  }
  if (entries.length === 0)
    faults.push('must hold at least one key, such as k1:<32 random bytes in base64url>');
  if (entries.length > KEYS_MAX) faults.push(`must hold at most ${KEYS_MAX} keys`);
  const [first, ...others] = keys;
  return faults.length > 0 || first === undefined ? { faults } : { keys: [first, ...others] };
}

function readSecret(text: string): Buffer | string {
  if (!/^[A-Za-z0-9_-]+$/.test(text)) return 'must have its secret in base64url after the colon';
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.length >= SECRET_BYTES_MIN && bytes.length <= SECRET_BYTES_MAX) return bytes;
  return `must have a secret of ${SECRET_BYTES_MIN} to ${SECRET_BYTES_MAX} bytes, not ${bytes.length}`;
}

import { readFileSync, statSync } from 'node:fs';
import type { Logger } from './logger.ts';

export type IdentityKey = { readonly id: string; readonly secret: Buffer };

export type IdentityKeys = {
  /** Those in force now, the signing one first. */
  current(): readonly IdentityKey[];
};

const SECRET_BYTES_MIN = 32;
const KEYS_MAX = 16;
const FILE_BYTES_MAX = 65_536;
/** How long a changed file may go unnoticed. */
const LOOK_EVERY_MS = 1_000;
const KEY_ID = /^[A-Za-z0-9_.-]{1,64}$/;
const BASE64URL = /^[A-Za-z0-9_-]+$/;

/**
 * Keys of signed identities: `kid:base64url-secret`, several parted by commas, or `@path` of a file that holds such
 * a list (line breaks part too). The file is read again when it changes; while its content is wrong, the keys read
 * before stay in force.
 */
export function createIdentityKeys(
  text: string,
  { now, logger }: { readonly now: () => Date; readonly logger: Logger },
): IdentityKeys {
  if (!text.startsWith('@')) {
    const keys = parseIdentityKeys(text);
    return { current: () => keys };
  }
  const path = text.slice(1);
  let stamp = stampOf(path);
  let keys = readKeyFile(path);
  let lookAt = now().getTime() + LOOK_EVERY_MS;
  return {
    current() {
      const time = now().getTime();
      if (time < lookAt) return keys;
      lookAt = time + LOOK_EVERY_MS;
      try {
        const found = stampOf(path);
        if (found === stamp) return keys;
        keys = readKeyFile(path);
        // Only now: a file that is being written is looked at again.
        stamp = found;
        logger.info({ keyIds: keys.map(({ id }) => id) }, 'the keys of identities were read again');
      } catch (error) {
        logger.error({ err: error }, 'the keys of identities could not be read again: the earlier stay');
      }
      return keys;
    },
  };
}

/** Throws an error that says what is wrong without showing a secret. */
export function parseIdentityKeys(text: string): readonly IdentityKey[] {
  const entries = text.split(/[,\s]+/).filter((entry) => entry !== '');
  if (entries.length === 0 || entries.length > KEYS_MAX) {
    throw new Error(`must hold from 1 to ${KEYS_MAX} keys, each kid:base64url-secret`);
  }
  const keys = entries.map((entry, index) => {
    const colon = entry.indexOf(':');
    const id = entry.slice(0, Math.max(colon, 0));
    const encoded = entry.slice(colon + 1);
    if (!KEY_ID.test(id)) throw new Error(`key ${index + 1} must be kid:base64url-secret`);
    const secret = Buffer.from(encoded, 'base64url');
    if (!BASE64URL.test(encoded) || secret.length < SECRET_BYTES_MIN) {
      throw new Error(`key ${id} must be base64url of at least ${SECRET_BYTES_MIN} bytes`);
    }
    return { id, secret };
  });
  if (new Set(keys.map(({ id }) => id)).size < keys.length) throw new Error('has a key id twice');
  return keys;
}

function readKeyFile(path: string): readonly IdentityKey[] {
  if (statSync(path).size > FILE_BYTES_MAX) throw new Error(`${path} is too large for a list of keys`);
  return parseIdentityKeys(readFileSync(path, 'utf8'));
}

function stampOf(path: string): string {
  const { mtimeMs, size, ino } = statSync(path);
  return `${mtimeMs} ${size} ${ino}`;
}

import { randomBytes } from 'node:crypto';
import { chmodSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A secret of this data folder, made at the first start and kept: who was logged in still is after a restart, and
 * scripts read a token once. Only this user can read it.
 */
export function ensureSecret(
  dataDir: string,
  name: string,
  make: (random: string) => string = (random) => random,
): string {
  const path = join(dataDir, name);
  const kept = readSecret(path);
  if (kept !== '') {
    chmodSync(path, 0o600);
    return kept;
  }
  const made = make(randomBytes(32).toString('base64url'));
  const unfinished = `${path}.unfinished`;
  writeFileSync(unfinished, `${made}\n`, { mode: 0o600 });
  renameSync(unfinished, path);
  return made;
}

/**
 * A file of keys, `kid:secret` behind commas, the first signs. Whoever reads it looks again when it changes: a key put
 * first in it is used from then on, without a restart.
 */
export function ensureKeys(dataDir: string, name: 'identity-keys' | 'override-keys'): string {
  ensureSecret(dataDir, name, (random) => `k1:${random}`);
  return join(dataDir, name);
}

function readSecret(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

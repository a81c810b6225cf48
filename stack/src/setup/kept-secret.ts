import { randomBytes } from 'node:crypto';
import { chmodSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A secret of this data folder, made at the first start and kept: who was logged in still is after a restart, and
 * scripts read a token once. Only this user can read it.
 */
export function ensureSecret(dataDir: string, name: string): string {
  const path = join(dataDir, name);
  const kept = readSecret(path);
  if (kept !== '') {
    chmodSync(path, 0o600);
    return kept;
  }
  const made = randomBytes(32).toString('base64url');
  const unfinished = `${path}.unfinished`;
  writeFileSync(unfinished, `${made}\n`, { mode: 0o600 });
  renameSync(unfinished, path);
  return made;
}

function readSecret(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

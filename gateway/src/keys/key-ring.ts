import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parseSigningKeys, type SigningKey, type SigningKeys } from './signing-keys.ts';

/** The keys of just now. */
export type KeyRing = {
  signing(): SigningKey;
  /** The same array until the keys are others. */
  keys(): SigningKeys;
  stop(): void;
};

export type OpenedKeyRing =
  | { readonly ring: KeyRing; readonly faults?: undefined }
  | { readonly ring?: undefined; readonly faults: readonly string[] };

export type KeyRingOptions = {
  /** Keys, or `@` and the path of a file of keys. */
  readonly setting: string;
  readonly onRotated: (kid: string) => void;
  /** The file changed and cannot be used; the keys of before stay. */
  readonly onFault: (faults: readonly string[]) => void;
  readonly checkIntervalMs?: number;
};

const CHECK_INTERVAL_MS = 1_000;
const FILE_BYTES_MAX = 65_536;

/**
 * Opens the keys, or says all that is wrong with them. A file is looked at once a second and read anew when it is
 * another: a new key is made known to whoever verifies, then put first here, and no process starts anew.
 */
export async function openKeyRing(options: KeyRingOptions): Promise<OpenedKeyRing> {
  const { setting, onRotated, onFault, checkIntervalMs = CHECK_INTERVAL_MS } = options;
  if (!setting.startsWith('@')) {
    const { keys, faults } = parseSigningKeys(setting);
    if (faults) return { faults };
    return { ring: { signing: () => keys[0], keys: () => keys, stop: () => {} } };
  }

  const path = resolve(setting.slice(1));
  const first = await readKeyFile(path);
  if (first.faults) return { faults: first.faults };
  let current = first.keys;
  let seen = first.mark;
  let complaint = '';

  const check = async (): Promise<void> => {
    const mark = await markOf(path);
    if (mark === seen && complaint === '') return;
    const read = await readKeyFile(path);
    if (read.faults) {
      const said = read.faults.join('; ');
      if (said !== complaint) onFault(read.faults);
      complaint = said;
      return;
    }
    seen = read.mark;
    complaint = '';
    const [before] = current;
    const [next] = read.keys;
    current = read.keys;
    if (next.kid !== before.kid || !next.secret.equals(before.secret)) onRotated(next.kid);
  };
  let isStopped = false;
  let timer: NodeJS.Timeout | undefined;
  const later = (): void => {
    if (isStopped) return;
    timer = setTimeout(() => void check().finally(later), checkIntervalMs).unref();
  };
  later();
  return {
    ring: {
      signing: () => current[0],
      keys: () => current,
      stop: () => {
        isStopped = true;
        clearTimeout(timer);
      },
    },
  };
}

async function readKeyFile(path: string) {
  try {
    // Looked at before it is read: what is written in between is read again.
    const mark = await markOf(path);
    const { size } = await stat(path);
    if (size > FILE_BYTES_MAX) return { faults: [`the file must have at most ${FILE_BYTES_MAX} bytes`] };
    const parsed = parseSigningKeys(await readFile(path, 'utf8'));
    return parsed.faults ? { faults: parsed.faults } : { keys: parsed.keys, mark };
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    return { faults: [`must name a file of keys that can be read (${code})`] };
  }
}

/** What changes when the file does, a link to another one included. */
async function markOf(path: string): Promise<string> {
  try {
    const { ino, size, mtimeMs } = await stat(path);
    return `${ino} ${size} ${mtimeMs}`;
  } catch {
    return 'absent'; // Whoever reads the file then says why.
  }
}

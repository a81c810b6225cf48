import { readFile, rename } from 'node:fs/promises';
import { writeAtomically } from './write-atomically.ts';

/** There is a file, and it is not what was written. */
export class DamagedFile extends Error {
  override readonly name = 'DamagedFile';
}

/** A short list on disk that is replaced as a whole. */
export type ListFile<T> = {
  /** Empty where there is no file. Throws DamagedFile, or what reading threw. */
  read(): Promise<readonly T[]>;
  /**
   * On disk when it returns, or something newer is. Calls while one is being written are one write, of the last
   * list given.
   */
  write(list: readonly T[]): Promise<void>;
  /** Gives a damaged file another name, beside it, so that it can be looked at and is not written over. */
  setAside(suffix: string): Promise<void>;
};

/** `parse` gives undefined for what is no member of the list; then the whole file is damaged. */
export function createListFile<T>(path: string, parse: (value: unknown) => T | undefined): ListFile<T> {
  let latest: readonly T[] = [];
  let writing: Promise<void> | undefined;
  let next: Promise<void> | undefined;

  const put = async (): Promise<void> => {
    const text = `[\n${latest.map((entry) => JSON.stringify(entry)).join(',\n')}\n]\n`;
    await writeAtomically(path, text);
  };
  const begin = (): Promise<void> => {
    const begun = put().finally(() => {
      if (writing === begun) writing = undefined;
    });
    writing = begun;
    return begun;
  };

  return {
    read: async () => {
      let text: string;
      try {
        text = await readFile(path, 'utf8');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
        throw error;
      }
      return parseList(path, text, parse);
    },
    write: (list) => {
      latest = list;
      if (next !== undefined) return next;
      if (writing === undefined) return begin();
      next = writing
        .catch(() => {})
        .then(() => {
          next = undefined;
          return begin();
        });
      return next;
    },
    setAside: (suffix) => rename(path, `${path}.${suffix}`),
  };
}

function parseList<T>(path: string, text: string, parse: (value: unknown) => T | undefined): T[] {
  let values: unknown;
  try {
    values = JSON.parse(text);
  } catch (cause) {
    throw new DamagedFile(`${path} is not JSON`, { cause });
  }
  if (!Array.isArray(values)) throw new DamagedFile(`${path} is no list`);
  return values.map((value, index) => {
    const parsed = parse(value);
    if (parsed === undefined) throw new DamagedFile(`${path}: entry ${index + 1} is none`);
    return parsed;
  });
}

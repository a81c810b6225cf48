import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { OWNERS, SERVICE_DATA } from '../rollout/stage.ts';
import type { OwnerRecord } from './watch-ownership.ts';

/** An owner as it was last known, and when. */
export type KeptOwner = OwnerRecord & { readonly knownAtMs: number };

/** What survives a restart: the last word on each aggregate. */
export type OwnerFile = {
  /** What was kept; nothing, where there is no file or none that can be read. */
  read(): Promise<readonly KeptOwner[]>;
  /** Replaces all of it, at once or not at all. Calls wait for each other. */
  write(owners: readonly KeptOwner[]): Promise<void>;
};

export function createOwnerFile(path: string, onUnreadable: (cause: unknown) => void): OwnerFile {
  let last: Promise<void> = Promise.resolve();
  return {
    read: async () => {
      try {
        return parseOwners(await readFile(path, 'utf8'));
      } catch (cause) {
        if ((cause as NodeJS.ErrnoException).code !== 'ENOENT') onUnreadable(cause);
        return [];
      }
    },
    write: (owners) => {
      const text = `${JSON.stringify(owners.map(toStored), null, 2)}\n`;
      const next = last.then(async () => {
        await mkdir(dirname(path), { recursive: true });
        const fresh = `${path}.new`;
        await writeFile(fresh, text, { flush: true });
        await rename(fresh, path);
      });
      // The next write does not fail for this one.
      last = next.catch(() => {});
      return next;
    },
  };
}

function toStored({ aggregate, owner, epoch, data, knownAtMs }: KeptOwner): object {
  return { aggregate, owner, epoch: String(epoch), data, knownAt: new Date(knownAtMs).toISOString() };
}

function parseOwners(text: string): KeptOwner[] {
  const stored: unknown = JSON.parse(text);
  if (!Array.isArray(stored)) throw new Error('not a list of owners');
  return stored.map((entry: Record<string, unknown>) => {
    const owner = OWNERS.find((each) => each === entry.owner);
    const knownAtMs = Date.parse(String(entry.knownAt));
    if (owner === undefined || !/^\d+$/.test(String(entry.epoch)) || Number.isNaN(knownAtMs)) {
      throw new Error('not a list of owners');
    }
    // A file of before the services said it has none.
    const data = SERVICE_DATA.find((each) => each === entry.data) ?? 'none';
    return { aggregate: String(entry.aggregate), owner, epoch: BigInt(String(entry.epoch)), data, knownAtMs };
  });
}

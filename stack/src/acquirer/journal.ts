import { mkdir, open, readFile, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import type { Movement } from './movement.ts';

export type Journal = {
  /** Resolves when the row is on disk. */
  append(movement: Movement): Promise<void>;
  close(): Promise<void>;
};

/** One JSON line per movement in `ledger.jsonl`; what a crash left half-written at its end is cut off. */
export async function openJournal(folder: string): Promise<{ journal: Journal; restored: Movement[] }> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, 'ledger.jsonl');
  const restored = await restore(path);
  const file = await open(path, 'a');
  let last: Promise<unknown> = Promise.resolve();
  return {
    restored,
    journal: {
      append(movement) {
        const write = last.then(async () => {
          await file.appendFile(`${JSON.stringify(movement)}\n`);
          await file.datasync();
        });
        // A failed write is the answer of its own request; it must not fail those after it.
        last = write.catch(() => undefined);
        return write;
      },
      async close() {
        await last;
        await file.close();
      },
    },
  };
}

async function restore(path: string): Promise<Movement[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  const end = text.lastIndexOf('\n') + 1;
  if (end < text.length) await truncate(path, Buffer.byteLength(text.slice(0, end)));
  return text
    .slice(0, end)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Movement);
}

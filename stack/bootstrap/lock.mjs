import { linkSync, mkdirSync, readdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { isSameProcess, readProcessIdentity } from './process-identity.mjs';

/**
 * A lock between processes, kept in a folder as `<name>.lock.<n>`. The highest number counts. It is held while
 * the process written in it runs and has not released it; after that the next one is taken by *creating* number
 * n + 1, which only one process can do. (Removing a stale file and creating it again would let two processes
 * take over at once.)
 *
 * Gives `{ lock }` when it was taken, else `{ holder }`.
 */
export function tryLock(folder, name) {
  mkdirSync(folder, { recursive: true });
  const prefix = `${name}.lock.`;
  const pathOf = (n) => join(folder, `${prefix}${n}`);
  const mine = join(folder, `${name}.lock-of-${process.pid}`);
  writeFileSync(mine, JSON.stringify({ ...readProcessIdentity(process.pid), held: true }));
  try {
    for (;;) {
      const highest = Math.max(0, ...readNumbers(folder, prefix));
      const holder = highest === 0 ? null : readHolder(pathOf(highest));
      if (holder) return { holder };
      const next = highest + 1;
      if (!link(mine, pathOf(next))) continue;
      const numbers = readNumbers(folder, prefix);
      if (Math.max(...numbers) !== next) {
        // The folder was read before others came and went: a higher number counts, this one is void.
        remove(pathOf(next));
        continue;
      }
      for (const n of numbers) if (n < next) remove(pathOf(n));
      return { lock: { release: () => writeFileSync(pathOf(next), '{}') } };
    }
  } finally {
    remove(mine);
  }
}

/** Waits for the lock; `onWait` is told once who holds it. */
export async function acquireLock(folder, name, { deadlineMs, onWait }) {
  const endAt = performance.now() + deadlineMs;
  let told = false;
  for (;;) {
    const { lock, holder } = tryLock(folder, name);
    if (lock) return lock;
    if (!told) onWait?.(holder);
    told = true;
    if (performance.now() > endAt) {
      throw new Error(`process ${holder.pid} has held the lock "${name}" in ${folder} for too long`);
    }
    await pause(250);
  }
}

function readNumbers(folder, prefix) {
  return readdirSync(folder)
    .filter((entry) => entry.startsWith(prefix))
    .map((entry) => Number(entry.slice(prefix.length)));
}

function readHolder(path) {
  let holder;
  try {
    holder = JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null; // Removed meanwhile, or cut off by a crash: nobody holds it.
  }
  return holder.held && isSameProcess(holder) ? holder : null;
}

function link(from, to) {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

function remove(path) {
  try {
    unlinkSync(path);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
}

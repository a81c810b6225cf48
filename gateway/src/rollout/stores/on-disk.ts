import { within } from './within.ts';

/** For what the disk owes before something is acknowledged, or the process stops. */
export const DISK_MS = 5_000;

/** Throws where the disk takes too long, or what the work throws. */
export function onDisk<T>(work: Promise<T>): Promise<T> {
  return within(work, DISK_MS, () => {
    throw new Error(`the disk took longer than ${DISK_MS} ms`);
  });
}

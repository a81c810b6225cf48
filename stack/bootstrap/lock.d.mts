import type { ProcessIdentity } from './process-identity.mjs';

export type Lock = { release(): void };
export function tryLock(
  folder: string,
  name: string,
): { lock: Lock; holder?: undefined } | { lock?: undefined; holder: ProcessIdentity };
export function acquireLock(
  folder: string,
  name: string,
  options: { deadlineMs: number; onWait?: (holder: ProcessIdentity) => void },
): Promise<Lock>;

import { join } from 'node:path';
import type { FlagStore } from '../flag-store.ts';

/** Redis where there is one, for all replicas; else a file of this one. What is not used is not loaded. */
export async function createFlagStore(settings: {
  readonly redisUrl?: string;
  readonly dataDir: string;
  /** How long a command to Redis, or the disk, may take; a second or two, unless it is set. */
  readonly commandMs?: number;
}): Promise<FlagStore> {
  const { redisUrl, dataDir, commandMs } = settings;
  if (redisUrl === undefined) {
    const { createFileStore } = await import('./file-store.ts');
    return createFileStore(join(dataDir, 'flags.json'), commandMs);
  }
  const { createRedisStore } = await import('./redis-store.ts');
  return createRedisStore(redisUrl, commandMs);
}

import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FlagStore } from '../../../src/rollout/flag-store.ts';
import type { Flags } from '../../../src/rollout/flags.ts';
import { createFlagStore } from '../../../src/rollout/stores/create-flag-store.ts';
import { createFlags } from '../../../src/rollout/stores/create-flags.ts';
import { createLogSink } from '../../../src/telemetry/logger.ts';

export type ReplicaOptions = {
  readonly redisUrl?: string;
  readonly dataDir: string;
  readonly name?: string;
  /** For commands to Redis, and for the disk. Long, unless the test is about neither answering: the machine may be busy. */
  readonly commandMs?: number;
  /** Puts something between it and its store. */
  readonly wrap?: (store: FlagStore) => FlagStore;
  /** Told from before its start on. */
  readonly onChange?: (flags: Flags) => void;
  /** How long its start may wait for the store. */
  readonly limitMs?: number;
  /** Its clock. */
  readonly now?: () => number;
};

const sink = createLogSink('silent', 1);

export async function startFlags({
  redisUrl,
  dataDir,
  name = 'one',
  commandMs = 15_000,
  wrap = (store) => store,
  onChange = () => {},
  limitMs = 20_000,
  now = () => Date.now(),
}: ReplicaOptions): Promise<Flags> {
  const flags = createFlags({
    store: wrap(
      await createFlagStore({ dataDir, commandMs, ...(redisUrl === undefined ? {} : { redisUrl }) }),
    ),
    dataDir,
    replica: name,
    now,
    monotonicMs: () => performance.now(),
    newId: randomUUID,
    logger: sink.logger,
  });
  flags.onChange(() => onChange(flags));
  await flags.start(limitMs);
  return flags;
}

export type Replicas = {
  /** A replica with a folder of its own, which it finds again when it is started under the same name. */
  start(name: string, options?: Partial<ReplicaOptions>): Promise<Flags>;
  folderOf(name: string): string;
  [Symbol.asyncDispose](): Promise<void>;
};

/** Replicas of one test; what it leaves running is stopped. */
export async function createReplicas(redisUrl?: string): Promise<Replicas> {
  const folder = await mkdtemp(join(tmpdir(), 'banyan-replicas-'));
  const running: Flags[] = [];
  const folderOf = (name: string) => join(folder, name);
  return {
    folderOf,
    start: async (name, options = {}) => {
      const url = redisUrl === undefined ? {} : { redisUrl };
      const flags = await startFlags({ ...url, name, dataDir: folderOf(name), ...options });
      running.push(flags);
      return flags;
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(running.map((flags) => flags.stop()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

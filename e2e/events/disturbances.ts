import { setTimeout as pause } from 'node:timers/promises';
import type { Random } from './customers.ts';
import type { Engines, System } from './system.ts';

export type Disturbances = {
  /** How often each was done. */
  readonly done: Readonly<Record<string, number>>;
  /** Everything runs again when it comes back. */
  stop(): Promise<void>;
};

/** One after the other, at random: something dies by SIGKILL, stays away for a moment, and is started again. */
export function startDisturbances(
  system: System,
  { postgres, redis }: Engines,
  options: { readonly random: Random; readonly everyMs: number; readonly awayMsMax: number },
): Disturbances {
  const { random, everyMs, awayMsMax } = options;
  const done: Record<string, number> = {};
  const stopping = new AbortController();
  const away = (): Promise<void> => pause(random() * awayMsMax);
  type Killed = { kill(): Promise<void>; start(): Promise<void> };
  const act = (
    name: string,
    { kill, start }: Killed,
    meanwhile: () => Promise<void> = async () => {},
  ): [string, () => Promise<void>] => [
    name,
    async () => {
      await kill();
      await meanwhile();
      await away();
      await start();
    },
  ];
  const acts = [
    ...[...system.programs.values()].map((program) => act(`${program.name} killed`, program)),
    act('Redis killed', redis),
    act('Redis killed, back empty', redis, redis.empty),
    act('Postgres killed', postgres),
  ];
  const run = async (): Promise<void> => {
    // Each of them comes up once before any comes twice, so that a short run is no matter of luck.
    let left: typeof acts = [];
    while (!stopping.signal.aborted) {
      await pause(everyMs * (0.5 + random()), undefined, { signal: stopping.signal }).catch(() => {});
      if (stopping.signal.aborted) return;
      if (left.length === 0) left = [...acts];
      const [next] = left.splice(Math.floor(random() * left.length), 1);
      if (!next) continue;
      const [name, disturb] = next;
      await disturb();
      done[name] = (done[name] ?? 0) + 1;
    }
  };
  const running = run();
  running.catch(() => {});
  return {
    done,
    async stop() {
      stopping.abort();
      await running;
      for (const program of system.programs.values()) if (!program.isRunning()) await program.start();
    },
  };
}

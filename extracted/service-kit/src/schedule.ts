import { Counter, Gauge } from 'prom-client';
import { jitteredBackoffMs, pause } from './backoff.ts';
import type { Database } from './database.ts';
import type { Logger } from './logger.ts';
import type { Metrics } from './metrics.ts';
import { scrub } from './safe-error.ts';
import { createScheduleTable, type TakenWork } from './schedule-table.ts';

export type ScheduledTask = {
  /** Its row's key, the same in all replicas, and its label in metrics. */
  readonly name: string;
  readonly everyMs: number;
  /** From the first start of any replica to the first run; 0 by default. */
  readonly firstInMs?: number;
  /**
   * Does what is due, in small transactions. It is run again when its process dies in the middle, so it must be able
   * to find its work half done. `signal` is aborted when another may have the turn, or when this process stops.
   */
  run(turn: { readonly signal: AbortSignal; readonly dueAt: Date }): Promise<unknown>;
};

export type Schedule = {
  start(): void;
  /** Asks what runs here to end; another replica goes on with it at once. */
  stop(): Promise<void>;
};

const POLL_MS = 500;
/** Of a replica that has died, another takes the work so much later. */
const LEASE_MS = 30_000;
const AGES_EVERY_MS = 5_000;
const BACKOFF = { baseMs: 1_000, mostMs: 300_000 } as const;

/**
 * Runs each task once in every period, whatever the number of replicas; periods are counted from the first run.
 * Periods in which nobody was there are not made up for. A run that failed is tried again with growing pauses, at most
 * a period apart. All times are the database's.
 */
export function createSchedule(options: {
  readonly database: Database;
  readonly tasks: readonly ScheduledTask[];
  readonly logger: Logger;
  readonly random: () => number;
  readonly metrics?: Metrics;
  readonly pollMs?: number;
  readonly leaseMs?: number;
}): Schedule {
  const { database, logger, random, pollMs = POLL_MS, leaseMs = LEASE_MS } = options;
  const tasks = new Map(options.tasks.map((task) => [task.name, task]));
  if (tasks.size < options.tasks.length) throw new Error('two scheduled tasks have one name');
  const table = createScheduleTable(database, leaseMs);
  const metrics = options.metrics && createScheduleMetrics(options.metrics);
  const stopping = new AbortController();
  const inHand = new Map<string, Promise<void>>();
  let isRegistered = false;
  let agesAt = 0;
  let running: Promise<void> | undefined;

  const run = async (task: ScheduledTask, turn: TakenWork): Promise<void> => {
    const lost = new AbortController();
    const ended = new AbortController();
    const signal = AbortSignal.any([lost.signal, stopping.signal]);
    const keeping = keep(turn, lost, ended.signal);
    try {
      // It was taken while the process began to stop.
      signal.throwIfAborted();
      await task.run({ signal, dueAt: turn.dueAt });
      signal.throwIfAborted();
      await table.done(turn, task.everyMs);
      metrics?.onRun(task.name, 'done');
      agesAt = 0;
    } catch (error) {
      await failed(task, turn, error, lost.signal.aborted);
    } finally {
      ended.abort();
      await keeping;
    }
  };

  const failed = async (
    task: ScheduledTask,
    turn: TakenWork,
    error: unknown,
    isLost: boolean,
  ): Promise<void> => {
    if (isLost) return logger.warn({ task: task.name }, 'another has taken over scheduled work');
    try {
      if (stopping.signal.aborted) return await table.giveBack(turn);
      metrics?.onRun(task.name, 'failed');
      const { everyMs } = task;
      const mostMs = Math.min(everyMs, BACKOFF.mostMs);
      const inMs = jitteredBackoffMs(turn.failures + 1, { baseMs: BACKOFF.baseMs, mostMs, random });
      logger.warn(
        { err: error, task: task.name, failures: turn.failures + 1, inMs },
        'scheduled work failed',
      );
      const said = scrub(error instanceof Error ? error.message : 'no Error');
      await table.failed(turn, said.replaceAll('\0', '').toWellFormed(), inMs);
    } catch (noteError) {
      // Then its lease runs out by itself.
      logger.warn({ err: noteError, task: task.name }, 'the end of scheduled work was not noted');
    }
  };

  const keep = async (turn: TakenWork, lost: AbortController, ended: AbortSignal): Promise<void> => {
    let keptAt = performance.now();
    while (!ended.aborted && !lost.signal.aborted) {
      await pause(leaseMs / 3, ended);
      if (ended.aborted) return;
      try {
        if (!(await table.keep(turn))) lost.abort();
        else keptAt = performance.now();
      } catch (error) {
        logger.debug({ err: error, task: turn.name }, 'a turn was not renewed');
        if (performance.now() - keptAt > leaseMs) lost.abort();
      }
    }
  };

  const round = async (): Promise<void> => {
    if (!isRegistered) {
      for (const { name, everyMs, firstInMs = 0 } of tasks.values()) {
        await table.register(name, everyMs, firstInMs);
      }
      isRegistered = true;
    }
    while (!stopping.signal.aborted) {
      const idle = [...tasks.keys()].filter((name) => !inHand.has(name));
      const turn = idle.length > 0 ? await table.take(idle) : null;
      const task = turn && tasks.get(turn.name);
      if (!turn || !task) break;
      inHand.set(
        turn.name,
        run(task, turn).finally(() => inHand.delete(turn.name)),
      );
    }
    if (!metrics || performance.now() < agesAt) return;
    agesAt = performance.now() + AGES_EVERY_MS;
    metrics.setAges(await table.ages([...tasks.keys()]));
  };

  const repeat = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await round().catch((error) => logger.warn({ err: error }, 'scheduled work was not looked for'));
      await pause(pollMs, stopping.signal);
    }
    await Promise.all(inHand.values());
  };

  return {
    start() {
      if (tasks.size > 0) running ??= repeat();
    },
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

export type ScheduleMetrics = {
  onRun(task: string, outcome: 'done' | 'failed'): void;
  /** Seconds since each ended well, wherever that was. */
  setAges(ages: ReadonlyMap<string, number>): void;
};

export function createScheduleMetrics({ registry }: Metrics): ScheduleMetrics {
  const registers = [registry];
  const runs = new Counter({
    name: 'scheduled_runs_total',
    help: 'Runs of scheduled work in this replica.',
    labelNames: ['task', 'outcome'] as const,
    registers,
  });
  const succeededAt = new Map<string, number>();
  new Gauge({
    name: 'scheduled_success_age_seconds',
    help: 'Time since scheduled work last ended well, in whatever replica; none where it never has.',
    labelNames: ['task'] as const,
    registers,
    collect() {
      for (const [task, at] of succeededAt) this.set({ task }, (performance.now() - at) / 1_000);
    },
  });
  return {
    onRun: (task, outcome) => runs.inc({ task, outcome }),
    setAges(ages) {
      for (const [task, seconds] of ages) succeededAt.set(task, performance.now() - seconds * 1_000);
    },
  };
}

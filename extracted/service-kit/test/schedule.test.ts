import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { until } from '@banyan/stack/testing/until';
import type { Database } from '../src/database.ts';
import { silentLogger } from '../src/logger.ts';
import { createMetrics } from '../src/metrics.ts';
import { createSchedule, type ScheduledTask } from '../src/schedule.ts';
import { atEnd, LONG, startDatabase } from './kit.ts';

const HOUR_MS = 3_600_000;

function startSchedule(
  t: TestContext,
  database: Database,
  tasks: readonly ScheduledTask[],
  options: { leaseMs?: number; metrics?: ReturnType<typeof createMetrics> } = {},
) {
  const schedule = createSchedule({
    database,
    tasks,
    logger: silentLogger,
    random: () => 0,
    pollMs: 10,
    ...options,
  });
  schedule.start();
  atEnd(t, () => schedule.stop());
  return schedule;
}

/** `things` has a row for each period, and how often it was run. */
const countIn =
  (database: Database): ScheduledTask['run'] =>
  async ({ dueAt }) => {
    await database.query(
      'INSERT INTO things VALUES ($1, 1) ON CONFLICT (id) DO UPDATE SET amount = things.amount + 1',
      [BigInt(dueAt.getTime())],
    );
  };

const periodsOf = async (database: Database) =>
  (await database.query<{ id: bigint; amount: bigint }>('SELECT * FROM things ORDER BY id')).rows;

const rowOf = async (database: Database) =>
  (
    await database.query<{ taken_by: string | null; last_error: string | null; failures: number }>(
      'SELECT taken_by, last_error, failures FROM scheduled_work',
    )
  ).rows[0];

test('of three replicas exactly one does what is due in each period', async (t) => {
  const { database, open } = await startDatabase(t);
  const everyMs = 100;
  let seldom = 0;
  let later = 0;
  for (const replica of [database, open(), open()]) {
    startSchedule(t, replica, [
      { name: 'often', everyMs, run: countIn(replica) },
      { name: 'seldom', everyMs: HOUR_MS, run: async () => (seldom += 1) },
      { name: 'later', everyMs: HOUR_MS, firstInMs: HOUR_MS, run: async () => (later += 1) },
    ]);
  }
  const periods = await until(async () => {
    const found = await periodsOf(database);
    return found.length >= 8 && seldom > 0 ? found : undefined;
  }, LONG);
  assert.deepEqual(new Set(periods.map(({ amount }) => amount)), new Set([1n]));
  const first = periods[0]?.id ?? 0n;
  assert.ok(
    periods.every(({ id }) => (id - first) % BigInt(everyMs) === 0n),
    'periods are aligned',
  );
  assert.deepEqual([seldom, later], [1, 0]);
});

test('what a replica that died had in hand is done by another', async (t) => {
  const { database, open } = await startDatabase(t);
  const begun = Promise.withResolvers<AbortSignal>();
  const dying = open();
  startSchedule(
    t,
    dying,
    [
      {
        name: 'housekeeping',
        everyMs: HOUR_MS,
        run: ({ signal }) => {
          begun.resolve(signal);
          return new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
        },
      },
    ],
    { leaseMs: 600 },
  );
  const lost = await begun.promise;
  startSchedule(t, database, [{ name: 'housekeeping', everyMs: HOUR_MS, run: countIn(database) }]);
  // It does nothing any more, as one that was killed.
  await dying.end();
  await until(async () => (await periodsOf(database)).length === 1, LONG);
  await until(() => lost.aborted, LONG);
});

test('a run that lasts longer than its lease keeps its turn; one that has lost it is told, and notes nothing', async (t) => {
  const outlast = async (leaseMs: number) => {
    const { database, open } = await startDatabase(t);
    const begun = Promise.withResolvers<AbortSignal>();
    let begins = 0;
    const run: ScheduledTask['run'] = ({ signal }) => {
      begins += 1;
      begun.resolve(signal);
      return new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    };
    for (const replica of [database, open()]) {
      startSchedule(t, replica, [{ name: 'long', everyMs: HOUR_MS, run }], { leaseMs });
    }
    const signal = await begun.promise;
    // The other replica has looked for it several times by then.
    const isPast = "SELECT now() > $1::timestamptz + interval '500 ms' AS is FROM scheduled_work";
    const { rows } = await database.query<{ at: Date }>('SELECT taken_until AS at FROM scheduled_work');
    await until(async () => (await database.query<{ is: boolean }>(isPast, [rows[0]?.at])).rows[0]?.is, LONG);
    return { begins, signal, database };
  };
  // A short lease may be lost on a busy machine, a long one may not.
  let { begins, signal, database } = await outlast(1_500);
  if (begins > 1) ({ begins, signal, database } = await outlast(8_000));
  assert.equal(begins, 1);
  const other = '00000000-0000-4000-8000-000000000000';
  await database.query("UPDATE scheduled_work SET taken_by = $1, taken_until = now() + interval '1 hour'", [
    other,
  ]);
  await until(() => signal.aborted, LONG);
  assert.deepEqual(await rowOf(database), { taken_by: other, last_error: null, failures: 0 });
});

test('what failed is noted and tried again; what stops in the middle is given to another', async (t) => {
  const { database, open } = await startDatabase(t);
  const metrics = createMetrics('test');
  let isBroken = true;
  const failing = startSchedule(
    t,
    database,
    [
      {
        name: 'housekeeping',
        everyMs: 50,
        run: async ({ signal }) => {
          if (isBroken) throw new Error('broken\0');
          await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
        },
      },
    ],
    { metrics },
  );
  await until(async () => ((await rowOf(database))?.failures ?? 0) >= 2, LONG);
  assert.equal((await rowOf(database))?.last_error, 'broken');
  assert.match(
    (await metrics.render()).text,
    /^scheduled_runs_total\{task="housekeeping",outcome="failed",.*\} ([2-9]|\d{2,})$/m,
  );
  isBroken = false;
  await until(async () => (await rowOf(database))?.taken_by, LONG);
  await failing.stop();
  assert.equal((await rowOf(database))?.taken_by, null);
  const healthy = createMetrics('test');
  const other = open();
  startSchedule(t, other, [{ name: 'housekeeping', everyMs: HOUR_MS, run: countIn(other) }], {
    metrics: healthy,
  });
  await until(
    async () => /^scheduled_success_age_seconds\{.*\} [\d.]+$/m.test((await healthy.render()).text),
    LONG,
  );
  assert.deepEqual(await rowOf(database), { taken_by: null, last_error: null, failures: 0 });
});

test('what is taken while its process begins to stop is not begun, and is given back', async (t) => {
  const { database } = await startDatabase(t);
  const taken = Promise.withResolvers<void>();
  const stopping = Promise.withResolvers<void>();
  const query = (async (...asked: Parameters<Database['query']>) => {
    const answer = await database.query<{ token?: string }>(...asked);
    if (answer.rows[0]?.token) {
      taken.resolve();
      await stopping.promise;
    }
    return answer;
  }) as Database['query'];
  let runs = 0;
  const run = async () => (runs += 1);
  const tasks = [{ name: 'housekeeping', everyMs: HOUR_MS, run }];
  const schedule = startSchedule(t, { ...database, query }, tasks);
  await taken.promise;
  const stopped = schedule.stop();
  stopping.resolve();
  await stopped;
  assert.equal(runs, 0);
  assert.equal((await rowOf(database))?.taken_by, null);
});

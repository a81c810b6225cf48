import type { Database } from './database.ts';

/** A turn; it is its holder's until it ends or its lease does. */
export type TakenWork = {
  readonly name: string;
  readonly token: string;
  readonly dueAt: Date;
  readonly failures: number;
};

export type ScheduleTable = {
  register(name: string, everyMs: number, firstInMs: number): Promise<void>;
  take(names: readonly string[]): Promise<TakenWork | null>;
  /** False: it is another's now. */
  keep(turn: TakenWork): Promise<boolean>;
  done(turn: TakenWork, everyMs: number): Promise<void>;
  failed(turn: TakenWork, said: string, inMs: number): Promise<void>;
  giveBack(turn: TakenWork): Promise<void>;
  /** Seconds since each last ended well. */
  ages(names: readonly string[]): Promise<Map<string, number>>;
};

export function createScheduleTable(database: Database, leaseMs: number): ScheduleTable {
  return {
    async register(name, everyMs, firstInMs) {
      await database.query(REGISTER, [name, everyMs, firstInMs]);
    },
    take: async (names) => (await database.query<TakenWork>(TAKE, [names, leaseMs])).rows[0] ?? null,
    keep: async ({ name, token }) => ((await database.query(KEEP, [name, token, leaseMs])).rowCount ?? 0) > 0,
    async done({ name, token }, everyMs) {
      await database.query(DONE, [name, token, everyMs]);
    },
    async failed({ name, token }, said, inMs) {
      await database.query(FAILED, [name, token, said, inMs]);
    },
    async giveBack({ name, token }) {
      await database.query(GIVE_BACK, [name, token]);
    },
    async ages(names) {
      const { rows } = await database.query<{ name: string; seconds: number }>(AGES, [names]);
      return new Map(rows.map(({ name, seconds }) => [name, seconds]));
    },
  };
}

/** A period that has become shorter counts at once. */
const REGISTER = `
  INSERT INTO scheduled_work AS known (name, next_at) VALUES ($1, now() + $3::float8 * interval '1 millisecond')
  ON CONFLICT (name) DO UPDATE SET next_at = now() + $2::float8 * interval '1 millisecond'
  WHERE known.next_at > now() + $2::float8 * interval '1 millisecond'`;

const TAKE = `
  UPDATE scheduled_work SET taken_by = gen_random_uuid(),
         taken_until = now() + $2::float8 * interval '1 millisecond'
  WHERE name = (SELECT name FROM scheduled_work
                WHERE name = ANY ($1::text[]) AND next_at <= now()
                  AND (taken_until IS NULL OR taken_until <= now())
                ORDER BY next_at LIMIT 1
                FOR UPDATE SKIP LOCKED)
  RETURNING name, taken_by AS token, next_at AS "dueAt", failures`;

const KEEP = `
  UPDATE scheduled_work SET taken_until = now() + $3::float8 * interval '1 millisecond'
  WHERE name = $1 AND taken_by = $2`;

/** The first time to come of those a period apart. */
const DONE = `
  UPDATE scheduled_work SET taken_by = NULL, taken_until = NULL, last_run_at = now(), last_error = NULL, failures = 0,
         next_at = next_at + $3::float8 * interval '1 millisecond' *
                   (floor(extract(epoch FROM now() - next_at) * 1000 / $3::float8) + 1)
  WHERE name = $1 AND taken_by = $2`;

const FAILED = `
  UPDATE scheduled_work SET taken_by = NULL, taken_until = NULL, last_error = $3, failures = failures + 1,
         next_at = now() + $4::float8 * interval '1 millisecond'
  WHERE name = $1 AND taken_by = $2`;

const GIVE_BACK = `
  UPDATE scheduled_work SET taken_by = NULL, taken_until = NULL WHERE name = $1 AND taken_by = $2`;

const AGES = `
  SELECT name, extract(epoch FROM now() - last_run_at)::float8 AS seconds
  FROM scheduled_work WHERE name = ANY ($1::text[]) AND last_run_at IS NOT NULL`;

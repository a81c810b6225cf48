import { setTimeout as pause } from 'node:timers/promises';
import type { DataPlan } from '@banyan/gateway/carve-out';
import type pg from 'pg';
import { connect, disconnect } from '../database.ts';
import { SIDES, type Side } from '../ownership.ts';
import { Refusal } from '../refusal.ts';
import { setSearchPaths } from './mapping.ts';
import type { Clients } from './records.ts';

/** A copy that was killed leaves its lock when Postgres has seen its connections end. */
const LOCK_DEADLINE_MS = 15_000;

export type Session = {
  /** One session per database, which holds the lock that only one copy of an aggregate can have. */
  readonly clients: Clients;
  /** A session for one stream of rows. */
  withReader<T>(side: Side, work: (client: pg.Client) => Promise<T>): Promise<T>;
  /** Ends all of its connections at once, with whatever they are at. */
  close(): Promise<void>;
};

export type SessionOptions = {
  readonly plan: DataPlan;
  readonly urls: Readonly<Record<Side, string>>;
  readonly signal: AbortSignal | undefined;
};

export async function openSession({ plan, urls, signal }: SessionOptions): Promise<Session> {
  const open = new Set<pg.Client>();
  const openClient = async (side: Side): Promise<pg.Client> => {
    const client = await connect(`the ${side}'s database`, urls[side]);
    open.add(client);
    return client;
  };
  const close = async (): Promise<void> => {
    const clients = [...open];
    open.clear();
    await Promise.all(clients.map(disconnect));
  };
  try {
    const clients = { monolith: await openClient('monolith'), service: await openClient('service') };
    await setSearchPaths(clients, plan);
    for (const side of SIDES) await lockCopy(clients[side], plan.aggregate, side, signal);
    return {
      clients,
      close,
      async withReader(side, work) {
        const client = await openClient(side);
        try {
          await setSearchPaths({ ...clients, [side]: client }, plan);
          return await work(client);
        } finally {
          open.delete(client);
          await disconnect(client);
        }
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function lockCopy(
  client: pg.Client,
  aggregate: string,
  side: Side,
  signal: AbortSignal | undefined,
): Promise<void> {
  const endAt = performance.now() + LOCK_DEADLINE_MS;
  for (;;) {
    const { rows } = await client.query<{ locked: boolean }>(
      "SELECT pg_try_advisory_lock(hashtext('banyan.copy:' || $1)) AS locked",
      [aggregate],
    );
    if (rows[0]?.locked === true) return;
    if (performance.now() >= endAt) {
      throw new Refusal(
        'COPYING',
        `Another copy of ${aggregate} is at work on the ${side}'s database: wait for its end, then see whether this one is still wanted.`,
      );
    }
    await pause(200, undefined, signal === undefined ? {} : { signal });
  }
}

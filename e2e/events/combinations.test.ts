import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { until } from '@banyan/stack/testing/until';
import { type Books, readBooks } from './books.ts';
import { findFaults, findUnrest } from './check-books.ts';
import { startTrade } from './customers.ts';
import { startDisturbances } from './disturbances.ts';
import { createRandom, seedOfRun } from './random.ts';
import { isPrompt, readYourWrites, type Waits } from './read-your-writes.ts';
import { logIn } from './shop.ts';
import { type Combination, type Engines, type System, startEngines, startSystem } from './system.ts';

const FACTOR = Number(process.env.BANYAN_TEST_FUZZ_FACTOR ?? 1);
const isLong = FACTOR > 1;
const SCENARIO = isLong
  ? {
      rounds: 1_000,
      customers: 8,
      tradeMs: 4_000 * FACTOR,
      everyMs: 1_500,
      awayMsMax: 3_000,
      restMs: 240_000,
    }
  : { rounds: 50, customers: 4, tradeMs: 6_000, everyMs: 250, awayMsMax: 300, restMs: 180_000 };
const CUSTOMERS = ['alice@example.com', 'bob@example.com'] as const;
/** In long runs time itself does it: the acquirer promises that nothing is entered later than half a minute. */
const UNDER_WAY_MS = 4_000;

/** Effects that are late are so in each of them; a machine that does much else is seldom so busy for so long. */
const BATCHES_MAX = 3;
const ROUND_MS_MAX = 2_000;
const ENOUGH_MS = 180_000;

const COMBINATIONS: readonly Combination[] = [[], ['billing'], ['booking'], ['billing', 'booking']];

describe('read your writes, and nothing lost or done twice whatever is killed (invariants 5, 7)', () => {
  let engines: Engines & AsyncDisposable;
  before(async () => {
    engines = await startEngines();
  });
  after(() => engines[Symbol.asyncDispose]());

  for (const combination of COMBINATIONS) {
    const title =
      combination.length === 0 ? 'all in the monolith' : `${combination.join(' and ')} in services`;
    const readBackMs = BATCHES_MAX * SCENARIO.rounds * ROUND_MS_MAX;
    const timeout = SCENARIO.tradeMs + SCENARIO.restMs + readBackMs + ENOUGH_MS + 60_000;
    it(title, { timeout }, async () => {
      await using system = await startSystem(combination, engines);
      await readBack(system, title);
      await survive(system, engines, title);
    });
  }
});

async function readBack(system: System, title: string): Promise<void> {
  const shop = await logIn(system.gatewayUrl, CUSTOMERS[0]);
  const waits = ({ p50Ms, p99Ms, maxMs }: Waits): string => `${p50Ms} / ${p99Ms} / ${maxMs}`;
  const batches: string[] = [];
  for (;;) {
    const batch = await readYourWrites(shop, { rounds: SCENARIO.rounds, flights: system.flights });
    const { rounds, place, pay, both, read, late } = batch;
    const times = `p50 / p99 / max ms: place ${waits(place)}, pay ${waits(pay)}, both ${waits(both)}, read ${waits(read)}`;
    batches.push(`${title}: ${rounds} rounds read back, ${late} reads after a writer gave up; ${times}`);
    say(batches.at(-1) as string);
    if (isPrompt(batch)) return;
    if (batches.length === BATCHES_MAX) assert.fail(`effects were late:\n${batches.join('\n')}`);
  }
}

async function survive(system: System, engines: Engines, title: string): Promise<void> {
  const random = createRandom(seedOfRun());
  const planted = await plantPoison(system);
  const shops = await Promise.all(
    Array.from({ length: SCENARIO.customers }, (_, index) =>
      logIn(system.gatewayUrl, CUSTOMERS[index % CUSTOMERS.length] as string),
    ),
  );
  const trade = startTrade(shops, { flights: system.flights, random, isLong });
  const disturbances = startDisturbances(system, engines, { ...SCENARIO, random });
  await pause(SCENARIO.tradeMs);
  // A run in which nothing was sold, or nothing was killed, shows nothing; a busy machine takes longer for it.
  const enough = (): boolean => trade.orders.length > 10 && Object.keys(disturbances.done).length > 2;
  await until(enough, { deadlineMs: ENOUGH_MS, what: 'enough that happened' });
  await disturbances.stop();
  await trade.stop();
  if (!isLong) await age(system);

  const beganAt = performance.now();
  let books: Books | undefined;
  let unrest: string[] = [];
  await until(
    async () => {
      unrest = findUnrest(await readBooks(system));
      if (unrest.length > 0) return false;
      // What was read first is as old as what was read last is quiet.
      books = await readBooks(system);
      unrest = findUnrest(books);
      return unrest.length === 0;
    },
    { deadlineMs: SCENARIO.restMs, everyMs: 250, what: 'quiet' },
  ).catch((error) => {
    throw new Error(`no quiet after ${SCENARIO.restMs} ms: ${unrest.join(', ')}`, { cause: error });
  });
  if (!books) throw new Error('nothing was read');
  say(tell(title, books, trade, disturbances.done, performance.now() - beganAt));
  const faults = findFaults(books, trade.orders, planted);
  assert.deepEqual(faults, []);
}

/** An event that nobody can read, in each outbox. Gives how many. */
async function plantPoison(system: System): Promise<number> {
  if (system.combination.length === 0) return 0;
  await system.monolith.query(
    `INSERT INTO seam_outbox (id, booking_id, body, type, occurred_at, next_attempt_at)
     VALUES ($1, 1, '\\xff', 'holdExpired', now(), now())`,
    [randomUUID()],
  );
  for (const name of system.combination) {
    await system.at(name).pool.query(
      `INSERT INTO ${name}.outbox (id, body, type, occurred_at, next_attempt_at)
       VALUES ($1, '\\xff', 'invoicePaid', now(), now())`,
      [randomUUID()],
    );
  }
  return 1 + system.combination.length;
}

/** Makes what was left open so old that somebody takes it up, once nothing can be under way any more. */
async function age(system: System): Promise<void> {
  await pause(UNDER_WAY_MS);
  const { pool, isService } = system.at('billing');
  for (const table of ['payments', 'refunds']) {
    await pool.query(
      `UPDATE ${isService ? 'billing' : 'public'}.${table} SET created_at = created_at - interval '2 minutes'
       WHERE result = 'PENDING'`,
    );
  }
  const mails = [
    [system.monolith, 'public'],
    ...system.combination.map((name) => [system.at(name).pool, name] as const),
  ] as const;
  for (const [where, schema] of mails) {
    await where.query(`UPDATE ${schema}.outgoing_mail SET next_attempt_at = now() WHERE state = 'QUEUED'`);
  }
}

function tell(
  title: string,
  books: Books,
  { orders, said }: { orders: readonly unknown[]; said: Readonly<Record<string, number>> },
  done: Readonly<Record<string, number>>,
  restMs: number,
): string {
  const list = (counts: Readonly<Record<string, number>>): string =>
    Object.entries(counts)
      .toSorted(([one], [other]) => one.localeCompare(other))
      .map(([what, count]) => `${what} ${count}`)
      .join(', ');
  const { bookings, invoices, payments, refunds, mails, caught, acquirer } = books;
  return [
    `${title}: ${list(done)}`,
    `  clients: ${list(said)}; ${orders.length} bookings acknowledged`,
    `  at rest after ${Math.round(restMs / 1_000)} s: ${bookings.length} bookings, ${invoices.length} invoices, ` +
      `${payments.length} payments, ${refunds.length} refunds, ${acquirer.length} movements of the acquirer, ` +
      `${mails.length} mails sent ${caught.length} times`,
  ].join('\n');
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

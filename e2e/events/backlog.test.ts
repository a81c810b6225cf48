import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Event } from '@banyan/contracts/events/v1/events';
import { until } from '@banyan/stack/testing/until';
import { logIn, type Shop } from './shop.ts';
import { type System, startEngines, startSystem } from './system.ts';

/** Minutes of one machine, whose other work must not be measured along. */
const isLong = Number(process.env.BANYAN_TEST_FUZZ_FACTOR ?? 1) > 1;
const READER = 'alice@example.com';
const EVENTS = 100_000;
const PER_INSERT = 5_000;
const READS_PER_SECOND = 50;
const IDLE_MS = 20_000;
const DEADLINE_MS = 900_000;
const MEBIBYTE = 1_048_576;
/** A process that has much to do takes more memory than an idle one; from here on it must not take more and more. */
const WARM_EVENTS = 20_000;
const GROWTH_MIB_MAX = 32;

describe('a backlog', { skip: isLong ? false : 'takes minutes: npm run test:soak' }, () => {
  it('is worked off without growing memory, and reads stay within twice their p99', {
    timeout: DEADLINE_MS + 120_000,
  }, async () => {
    await using engines = await startEngines();
    await using system = await startSystem(['billing', 'booking'], engines);
    const shop = await logIn(system.gatewayUrl, READER);
    const invoices = await someInvoices(system);

    await readFor(shop, invoices, () => false, IDLE_MS / 2); // What is cold is not idle.
    const idle = await readFor(shop, invoices, () => false, IDLE_MS);
    await fillOutbox(system, EVENTS);
    const idleMemory = await memoryOf(system);
    const beganAt = performance.now();
    let warm = idleMemory;
    let most = idleMemory;
    let left = EVENTS;
    const watching = until(
      async () => {
        left = await waiting(system);
        const memory = await memoryOf(system);
        if (EVENTS - left < WARM_EVENTS) warm = mostOf(warm, memory);
        most = mostOf(most, memory);
        return left === 0;
      },
      { deadlineMs: DEADLINE_MS, everyMs: 500, what: 'the end of the backlog' },
    );
    const busy = await readFor(shop, invoices, () => left === 0, DEADLINE_MS);
    await watching;
    const seconds = (performance.now() - beganAt) / 1_000;

    const growth = Object.entries(most).map(([name, mib]) => [name, mib - (warm[name] ?? 0)] as const);
    say(
      `${EVENTS} events in ${Math.round(seconds)} s, ${Math.round(EVENTS / seconds)}/s; ` +
        `reads p50 / p99 ms: idle ${at(idle, 0.5)} / ${at(idle, 0.99)}, meanwhile ${at(busy, 0.5)} / ${at(busy, 0.99)}; ` +
        `MiB idle, in the first ${WARM_EVENTS}, at most: ${Object.keys(most)
          .map(
            (name) =>
              `${name} ${[idleMemory, warm, most].map((at) => Math.round(at[name] ?? 0)).join(' / ')}`,
          )
          .join(', ')}`,
    );
    assert.ok(at(busy, 0.99) <= 2 * at(idle, 0.99), `p99 ${at(busy, 0.99)} ms, idle ${at(idle, 0.99)} ms`);
    for (const [name, mib] of growth) assert.ok(mib < GROWTH_MIB_MAX, `${name} grew by ${mib} MiB`);
  });
});

/** News of bookings that change nothing in billing but the record that they were taken. */
async function fillOutbox(system: System, count: number): Promise<void> {
  const { pool } = system.at('booking');
  const now = new Date();
  for (let written = 0; written < count; written += PER_INSERT) {
    const ids = Array.from({ length: PER_INSERT }, () => randomUUID());
    const bodies = ids.map((id) =>
      Buffer.from(
        Event.encode({
          id,
          occurredAt: now,
          body: { $case: 'bookingChanged', value: { bookingId: 1n, version: 2 } },
        }).finish(),
      ),
    );
    await pool.query(
      `INSERT INTO booking.outbox (id, body, type, occurred_at, next_attempt_at)
       SELECT id, body, 'bookingChanged', now(), now() FROM unnest($1::uuid[], $2::bytea[]) AS e (id, body)`,
      [ids, bodies],
    );
  }
}

async function waiting(system: System): Promise<number> {
  const { rows } = await system
    .at('booking')
    .pool.query<{ count: number }>(
      'SELECT count(*)::int AS count FROM booking.outbox WHERE delivered_at IS NULL',
    );
  return rows[0]?.count ?? 0;
}

/** Ids of bookings of hers that have one. */
async function someInvoices(system: System): Promise<number[]> {
  const { rows } = await system.monolith.query<{ id: string }>('SELECT id FROM accounts WHERE email = $1', [
    READER,
  ]);
  const found = await system
    .at('billing')
    .pool.query<{ id: number }>(
      'SELECT booking_id::int AS id FROM billing.invoices WHERE account_id = $1 LIMIT 20',
      [rows[0]?.id],
    );
  assert.ok(found.rows.length > 0, 'there is nothing to read');
  return found.rows.map(({ id }) => id);
}

/** Reads at a steady rate, whatever the answers take. Gives the times, sorted. */
async function readFor(
  shop: Shop,
  bookings: readonly number[],
  isOver: () => boolean,
  mostMs: number,
): Promise<number[]> {
  const times: number[] = [];
  const asked: Promise<void>[] = [];
  const beganAt = performance.now();
  for (let count = 0; !isOver() && performance.now() - beganAt < mostMs; count += 1) {
    const id = bookings[count % bookings.length] as number;
    const askedAt = performance.now();
    const read = count % 2 === 0 ? shop.invoiceOf(id) : shop.booking(id);
    asked.push(
      read.then((said) => {
        assert.ok(said.kind === 'answered' && said.status === 200, `a read said ${JSON.stringify(said)}`);
        times.push(performance.now() - askedAt);
      }),
    );
    await pause(Math.max(0, beganAt + ((count + 1) * 1_000) / READS_PER_SECOND - performance.now()));
  }
  await Promise.all(asked);
  return times.toSorted((one, other) => one - other);
}

/** Resident memory of each process that has to do with it, in MiB. */
async function memoryOf(system: System): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const name of ['billing', 'booking', 'relay-booking']) {
    const pid = system.programs.get(name)?.pid();
    const status = await readFile(`/proc/${pid}/status`, 'utf8');
    found[name] = (Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1_024) / MEBIBYTE;
  }
  return found;
}

function mostOf(one: Record<string, number>, other: Record<string, number>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(one).map(([name, mib]) => [name, Math.max(mib, other[name] ?? 0)]),
  );
}

function at(sorted: readonly number[], part: number): number {
  return Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0) * 10) / 10;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import type { Event } from '@banyan/contracts/events/v1/events';
import { otherSide, SIDES, type Side } from '@banyan/mover/ownership';
import { createDatabase } from '@banyan/service-kit/database';
import { DAY_MS } from '@banyan/service-kit/housekeeping';
import { silentLogger } from '@banyan/service-kit/logger';
import { createMetrics } from '@banyan/service-kit/metrics';
import { createOwnershipReader } from '@banyan/service-kit/ownership';
import { until } from '@banyan/stack/testing/until';
import { createPool } from '@meridian/monolith/db/pool';
import { expireHolds as expireAtMonolith } from '@meridian/monolith/jobs/cleanup';
import { createLogger } from '@meridian/monolith/log/logger';
import { createIntake } from '@meridian/monolith/seams/events/intake';
import { createSeamBookingEvents } from '@meridian/monolith/seams/events/seam-events';
import { createConsentService } from '@meridian/monolith/seams/rpc/consent-service';
import { beginPayment } from '../src/bookings/begin-payment.ts';
import { expireHolds } from '../src/bookings/expire-holds.ts';
import { writeFlights } from '../src/directory/flight-rows.ts';
import { takeEvent } from '../src/events/intake.ts';
import { createScheduledWork } from '../src/scheduled-work.ts';
import { createOwnStorage } from '../src/storage/own-storage.ts';
import { type FlightRow, toFlight } from '../src/storage/rows.ts';
import { atEnd, startDatabases } from './support/databases.ts';
import { LONG } from './support/queues.ts';

const HOUR_MS = 3_600_000;

type Bookings = {
  consent(bookingId: bigint, paymentKey: string): Promise<unknown>;
  expire(): Promise<unknown>;
  take(event: Event): Promise<unknown>;
};

/** Both sides of booking over real databases, with one clock, while billing is elsewhere. The monolith owns at first. */
async function startSides(t: TestContext) {
  const databases = await startDatabases(t, 'monolith');
  const { monolith, service, serviceUrl } = databases;
  const open = (url: string, schema: string) => {
    const opened = createDatabase(url, { schema, name: 'test', logger: silentLogger });
    atEnd(t, () => opened.end());
    return opened;
  };
  const database = open(serviceUrl, 'booking');
  const shared = open(databases.sharedUrl, 'booking_shared');
  const { rows } = await shared.query<FlightRow>('SELECT * FROM flights');
  await writeFlights(database, rows.map(toFlight), new Date());
  const settings = { databaseUrl: databases.monolithUrl, databasePoolMax: 2 };
  const pool = createPool(settings, createLogger('silent'));
  atEnd(t, () => pool.end());
  let ahead = 0;
  let last = 0n;
  const clock = (): Date => new Date(Date.now() + ahead);
  const storage = createOwnStorage(database);
  const parts = { storage: () => storage, now: clock };
  const { handlers } = createConsentService({ pool, clock, owns: async () => true });
  const intake = createIntake({
    pool,
    clock,
    owns: async () => true,
    carryOutRefund: async () => {},
    logger: createLogger('silent'),
  });
  const events = createSeamBookingEvents({
    newId: randomUUID,
    carrier: { untilTaken: async () => {} },
    traceParent: () => null,
  });
  const signal = AbortSignal.timeout(600_000);
  const sides: Record<Side, Bookings> = {
    service: {
      consent: (bookingId, paymentKey) => beginPayment(parts, bookingId, paymentKey),
      expire: () => expireHolds({ storage, now: clock, newId: randomUUID }, signal),
      take: (event) => takeEvent({ ...parts, fetchFlight: async () => null }, event),
    },
    monolith: {
      consent: async (bookingId, paymentKey) =>
        handlers.beginPayment?.({ bookingId, paymentKey } as never, { signal }),
      expire: () => expireAtMonolith({ pool, clock, events: async () => events }, signal),
      take: (event) => intake.take(event),
    },
  };
  const pools = { monolith, service };
  return {
    ...databases,
    sides,
    database,
    clock,
    advance: (ms: number) => {
      ahead += ms;
    },
    /** Two bookings that are held, and were asked nothing yet. */
    async held(side: Side): Promise<readonly [bigint, bigint]> {
      const { rows } = await pools[side].query<{ id: string }>(
        `UPDATE bookings SET status = 'HELD', hold_expires_at = $1
         WHERE id IN (SELECT id FROM bookings WHERE status = 'CONFIRMED' AND id > $2 ORDER BY id LIMIT 2)
         RETURNING id`,
        [new Date(clock().getTime() + 600_000).toISOString(), String(last)],
      );
      const [first = 0n, second = 0n] = rows.map(({ id }) => BigInt(id)).sort((a, b) => Number(a - b));
      last = second;
      return [first, second];
    },
    async statusOf(side: Side, id: bigint): Promise<string> {
      return (await pools[side].query('SELECT status FROM bookings WHERE id = $1', [String(id)])).rows[0]
        .status;
    },
  };
}

const invoicePaid = (bookingId: bigint, at: Date): Event => ({
  id: randomUUID(),
  occurredAt: at,
  body: { $case: 'invoicePaid', value: { invoiceId: 8n, bookingId, paymentId: 10n, paidAt: at } },
});

test('what booking was asked goes with it', async (t) => {
  const world = await startSides(t);
  const { sides, move, advance, clock, held, statusOf } = world;

  for (const from of SIDES) {
    const to = otherSide(from);

    await t.test(
      `a payment that the ${from} consented to is waited for by the ${to}, though the hold be over`,
      async () => {
        await move(from);
        const [paid, unpaid] = await held(from);
        await sides[from].consent(paid, `inv-8-${paid}`);
        await move(to);
        advance(2 * HOUR_MS);
        await sides[to].expire();
        assert.equal(await statusOf(to, paid), 'HELD');
        assert.equal(await statusOf(to, unpaid), 'EXPIRED');
        await sides[to].take(invoicePaid(paid, clock()));
        assert.equal(await statusOf(to, paid), 'CONFIRMED');
      },
    );
  }

  await t.test('consents go there and back as they were', async () => {
    await move('monolith');
    const consents = async () =>
      (await world.monolith.query('SELECT ROW(c.*)::text AS row FROM seam_consents c ORDER BY payment_key'))
        .rows;
    const [id] = await held('monolith');
    await sides.monolith.consent(id, `inv-8-${id}`);
    const before = await consents();
    assert.ok(before.length >= 2);
    await move('service');
    assert.equal((await world.service.query('SELECT FROM begun_payments')).rowCount, before.length);
    await world.monolith.query(
      'ALTER TABLE seam_consents DISABLE TRIGGER banyan_fence; DELETE FROM seam_consents;' +
        'ALTER TABLE seam_consents ENABLE ALWAYS TRIGGER banyan_fence',
    );
    await move('monolith');
    assert.deepEqual(await consents(), before);
  });

  await t.test(
    'who does not own bookings keeps house all the same, and leaves consents to the owner',
    async (own) => {
      const { service, database } = world;
      const count = async (): Promise<number> =>
        (await service.query('SELECT FROM begun_payments')).rowCount ?? 0;
      const ownership = createOwnershipReader({ database, logger: silentLogger });
      const schedule = createScheduledWork({
        database,
        ownership,
        choice: { owned: () => createOwnStorage(database) },
        expiryIntervalMs: HOUR_MS,
        onExpired: () => {},
        parts: {
          logger: silentLogger,
          metrics: createMetrics('booking'),
          now: () => new Date(clock().getTime() + 8 * DAY_MS),
          newId: randomUUID,
          random: Math.random,
        },
      });
      schedule.start();
      own.after(() => schedule.stop());
      const keepHouse = async (): Promise<void> => {
        await until(async () => (await service.query(DUE)).rowCount === 1, LONG);
        await until(async () => (await service.query(HAS_RUN)).rowCount === 1, LONG);
        const { rows } = await service.query('SELECT last_error FROM scheduled_work');
        assert.ok(rows.every(({ last_error }) => last_error === null));
      };
      await service.query(`
        INSERT INTO idempotency_keys (account_id, key, request_hash, booking_id, answer, created_at)
        VALUES (1, 'k', '', 2, '', now())`);
      assert.ok((await count()) > 0);
      await keepHouse();
      assert.ok((await count()) > 0);
      assert.equal((await service.query('SELECT FROM idempotency_keys')).rowCount, 0);
      await move('service');
      await keepHouse();
      assert.equal(await count(), 0);
    },
  );
});

const DUE = "UPDATE scheduled_work SET next_at = now(), last_run_at = NULL WHERE name = 'housekeeping'";
const HAS_RUN = `
  SELECT FROM scheduled_work WHERE name = 'housekeeping' AND coalesce(last_run_at::text, last_error) IS NOT NULL`;

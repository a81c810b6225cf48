import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import type { Event } from '@banyan/contracts/events/v1/events';
import { copyAggregate } from '@banyan/mover/copy-aggregate';
import { otherSide, SIDES, type Side } from '@banyan/mover/ownership';
import { createLogger } from '@meridian/monolith/log/logger';
import { createIntake } from '@meridian/monolith/seams/events/intake';
import { billingDataPlan } from '../data-plan.ts';
import { takeEvent } from '../src/events/take-event.ts';
import { createOwnStorage } from '../src/storage/own-storage.ts';
import { open, ownDatabase, ownedMonolith, recordOwner } from './support/databases.ts';
import { bookingCancelled, bookingPlaced, holdExpired } from './support/events.ts';

const NOW = new Date('2026-11-22T20:00:00.456Z');
/** Of no booking of the seed. */
const FIRST_ID = 500_001n;

type Closing = { booking_id: string; kind: string; at: string };
type Told = { status: string; mails: readonly string[] };

type Billing = {
  take(event: Event): Promise<unknown>;
  /** Of a booking: its invoice's status, and the mails that this side has queued about it. */
  of(bookingId: bigint): Promise<Told>;
  closings(): Promise<Closing[]>;
};

/** Both sides of billing over real databases, and the copy between them. The monolith owns at first. */
async function startSides(t: TestContext) {
  const { url: monolithUrl, pool } = await ownedMonolith(t);
  const { url: serviceUrl } = await ownDatabase(t, { owner: null });
  await recordOwner(serviceUrl, 'monolith');
  const database = open(t, serviceUrl, 'billing');
  const storage = createOwnStorage({ database, now: () => NOW, newId: randomUUID });
  const intake = createIntake({
    pool,
    clock: () => NOW,
    owns: async () => true,
    carryOutRefund: async () => {},
    logger: createLogger('silent'),
  });
  const refunds = { carryOutSoon: async () => [] };
  const sides: Record<Side, Billing> = {
    service: {
      take: (event) => takeEvent({ choice: { owned: () => storage }, refunds }, event),
      async of(bookingId) {
        const { rows } = await database.query<Told>(OF_SERVICE, [bookingId]);
        return rows[0] as Told;
      },
      closings: async () => (await database.query<Closing>(SERVICE_CLOSINGS)).rows,
    },
    monolith: {
      take: (event) => intake.take(event),
      of: async (bookingId) => (await pool.query(OF_MONOLITH, [String(bookingId)])).rows[0],
      closings: async () => (await pool.query(MONOLITH_CLOSINGS)).rows,
    },
  };
  let last = FIRST_ID;
  return {
    sides,
    move: (to: Side) => copyAggregate({ plan: billingDataPlan, monolithUrl, serviceUrl, to }),
    newBookings: (count: number) => Array.from({ length: count }, () => (last += 2n)),
  };
}

const OF_SERVICE = `
  SELECT status, ARRAY(SELECT kind FROM outgoing_mail WHERE data ->> 'bookingId' = $1::bigint::text) AS mails
  FROM invoices WHERE booking_id = $1`;
const OF_MONOLITH = `
  SELECT status, ARRAY(SELECT kind::text FROM outgoing_mail WHERE booking_id = $1) AS mails
  FROM invoices WHERE booking_id = $1`;
const SERVICE_CLOSINGS = `
  SELECT booking_id::text, kind, closed_at::text AS at FROM early_closings ORDER BY early_closings.booking_id`;
const MONOLITH_CLOSINGS = `
  SELECT booking_id::text, kind, ended_at::text AS at FROM seam_tombstones ORDER BY seam_tombstones.booking_id`;

const VOID: Told = { status: 'VOID', mails: [] };
const CANCELLED: Told = { status: 'VOID', mails: ['CANCELLATION'] };

test('what billing was told goes with it', async (t) => {
  const { sides, move, newBookings } = await startSides(t);

  for (const from of SIDES) {
    const to = otherSide(from);

    await t.test(
      `an end told to the ${from} makes the invoice void when the ${to} is told of the beginning`,
      async () => {
        const [cancelled = 0n, expired = 0n, placed = 0n] = newBookings(3);
        await move(from);
        await sides[from].take(bookingCancelled(cancelled));
        await sides[from].take(holdExpired(expired));
        await move(to);
        for (const id of [cancelled, expired, placed]) await sides[to].take(bookingPlaced(id));
        assert.deepEqual(await sides[to].of(cancelled), CANCELLED);
        assert.deepEqual(await sides[to].of(expired), VOID);
        assert.equal((await sides[to].of(placed)).status, 'OPEN');
        await move(from);
        assert.deepEqual(await sides[from].closings(), [], 'what had its effect is not kept');
      },
    );

    await t.test(
      `of a cancellation and an expiry the cancellation counts at the ${from}, in either order`,
      async () => {
        const [first = 0n, second = 0n, third = 0n, fourth = 0n] = newBookings(4);
        await move(from);
        await sides[from].take(bookingCancelled(first));
        await sides[from].take(holdExpired(first));
        await sides[from].take(holdExpired(second));
        await sides[from].take(bookingCancelled(second));
        for (const id of [first, second]) {
          await sides[from].take(bookingPlaced(id));
          assert.deepEqual(await sides[from].of(id), CANCELLED);
        }
        // The other of the two is told after the hand-over.
        await sides[from].take(bookingCancelled(third));
        await sides[from].take(holdExpired(fourth));
        await move(to);
        await sides[to].take(holdExpired(third));
        await sides[to].take(bookingCancelled(fourth));
        for (const id of [third, fourth]) {
          await sides[to].take(bookingPlaced(id));
          assert.deepEqual(await sides[to].of(id), CANCELLED);
        }
      },
    );

    await t.test(
      `an end told to the ${from} when it owns no more is refused by its database, and kept nowhere`,
      async () => {
        const [booking = 0n] = newBookings(1);
        await move(to);
        await assert.rejects(sides[from].take(holdExpired(booking)), { code: 'BNY01' });
        await assert.rejects(sides[from].take(bookingPlaced(booking)), { code: 'BNY01' });
        await move(from);
        assert.deepEqual(await sides[from].closings(), []);
      },
    );
  }

  await t.test('ends that wait for their beginnings go there and back as they were', async () => {
    const [first = 0n, second = 0n] = newBookings(2);
    await move('monolith');
    await sides.monolith.take(bookingCancelled(first));
    await sides.monolith.take(holdExpired(second));
    const kept = await sides.monolith.closings();
    assert.deepEqual(
      kept.map(({ kind }) => kind),
      ['cancelled', 'expired'],
    );
    await move('service');
    assert.deepEqual(await sides.service.closings(), kept);
    await sides.service.take(bookingPlaced(first));
    await move('monolith');
    assert.deepEqual(await sides.monolith.closings(), kept.slice(1));
  });
});

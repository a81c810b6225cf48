import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import type { Event } from '@banyan/contracts/events/v1/events';
import { until } from '@banyan/stack/testing/until';
import fc from 'fast-check';
import { bookingCancelled, bookingPlaced, holdExpired } from './support/events.ts';
import { ALICE, as, card, LONG, startWorld, type World } from './support/world.ts';

const RUNS = 3;
const BOOKINGS_PER_RUN = 8;

/** What befell a booking. Its events have been told in any order, some of them more than once. */
const FATES = ['placed', 'cancelled', 'expired', 'cancelled and expired', 'paid, cancelled'] as const;
type Fate = (typeof FATES)[number];

const FARES = ['FLEX', 'CLASSIC', 'SAVER'] as const;
type Fare = (typeof FARES)[number];
const GIVEN_BACK = { FLEX: 89_600n, CLASSIC: 79_600n, SAVER: 0n } as const satisfies Record<Fare, bigint>;

type Plan = { readonly fate: Fate; readonly fare: Fare; readonly order: readonly number[] };

const plans = fc.array(
  fc.record({
    fate: fc.constantFrom(...FATES),
    fare: fc.constantFrom(...FARES),
    // Positions in the list of events, each at least once.
    order: fc
      .tuple(
        fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }),
        fc.array(fc.nat({ max: 3 }), { maxLength: 3 }),
      )
      .map(([each, again]) => [...each, ...again]),
  }),
  { minLength: BOOKINGS_PER_RUN, maxLength: BOOKINGS_PER_RUN },
);

/** What ends a booking comes before the booking, in either order. */
const LATEST_FIRST = FATES.flatMap((fate): Plan[] => [
  { fate, fare: 'CLASSIC', order: [3, 2, 1, 0] },
  { fate, fare: 'CLASSIC', order: [2, 3, 1, 0, 2, 3] },
]);

function eventsOf({ fate, fare }: Plan, bookingId: bigint): Event[] {
  const changed: Event = {
    ...holdExpired(bookingId),
    body: { $case: 'bookingChanged', value: { bookingId, version: 2 } },
  };
  const cancelled = bookingCancelled(bookingId, {
    fareClass: `FARE_CLASS_${fare}`,
    wasConfirmed: fate === 'paid, cancelled',
  });
  return [
    bookingPlaced(bookingId),
    changed,
    ...(fate.includes('cancelled') ? [cancelled] : []),
    ...(fate.includes('expired') ? [holdExpired(bookingId)] : []),
  ];
}

/** Whatever the order was. */
function expectedOf({ fate, fare }: Plan) {
  const back = fate === 'paid, cancelled' ? GIVEN_BACK[fare] : 0n;
  const paid = fate === 'paid, cancelled' ? 89_600n : 0n;
  const settled = back === 0n ? 'PAID' : back === paid ? 'REFUNDED' : 'PARTIALLY_REFUNDED';
  return {
    status: fate === 'placed' ? 'OPEN' : paid > 0n ? settled : 'VOID',
    paid,
    back,
    lines: 1,
    early: 0,
    mails: [
      ...(fate.includes('cancelled') ? ['CANCELLATION'] : []),
      ...(paid > 0n ? ['RECEIPT'] : []),
      ...(back > 0n ? ['REFUND'] : []),
    ],
  };
}

async function stateOf({ database }: World, bookingId: bigint) {
  const { rows } = await database.query(STATE, [bookingId]);
  assert.equal(rows.length, 1, 'one invoice');
  return rows[0];
}

const STATE = `
  SELECT i.status, i.paid_minor AS paid, i.refunded_minor AS back,
         (SELECT count(*)::int FROM invoice_lines l WHERE l.invoice_id = i.id) AS lines,
         (SELECT count(*)::int FROM early_closings e WHERE e.booking_id = i.booking_id) AS early,
         ARRAY(SELECT kind FROM outgoing_mail m WHERE m.data ->> 'bookingId' = i.booking_id::text ORDER BY kind)
           AS mails
  FROM invoices i WHERE i.booking_id = $1`;

test('the events of a booking end in the same state in any order, however often each comes', async (t) => {
  const world = await startWorld(t);
  let last = -1n;
  const tell = async (plan: Plan, bookingId: bigint): Promise<void> => {
    const events = eventsOf(plan, bookingId);
    if (plan.fate === 'paid, cancelled') {
      const invoiceId = await world.placed(bookingId);
      await world.billing.payInvoice({ invoiceId, card: card(), amount: undefined }, as(ALICE));
    }
    for (const index of plan.order) {
      const event = events[index];
      if (event) await world.deliver(event);
    }
    await until(
      async () => {
        assert.deepEqual(await stateOf(world, bookingId), expectedOf(plan));
        return true;
      },
      { ...LONG, what: `the state of booking ${bookingId}` },
    );
  };
  await fc.assert(
    fc.asyncProperty(plans, async (each) => {
      await Promise.all(
        each.map((plan) => {
          last += 2n;
          return tell(plan, last);
        }),
      );
    }),
    { numRuns: RUNS, endOnFailure: true, examples: [[LATEST_FIRST]] },
  );
  const [totals] = world.acquirer.ledger.totals();
  const { rows } = await world.database.query<{ left: bigint }>(
    'SELECT coalesce(sum(paid_minor - refunded_minor), 0)::bigint AS left FROM invoices',
  );
  assert.equal(totals?.balance ?? '0.00', `${(rows[0]?.left ?? 0n) / 100n}.00`);
});

test('what comes in the same moment for a booking ends so too', async (t) => {
  const world = await startWorld(t);
  const ids = Array.from({ length: 30 }, (_, index) => BigInt(2 * index + 1));
  await Promise.all(
    ids
      .flatMap((id) => [bookingCancelled(id), bookingPlaced(id), { ...bookingPlaced(id), id: randomUUID() }])
      .map(world.deliver),
  );
  for (const id of ids) {
    assert.deepEqual(await stateOf(world, id), expectedOf({ fate: 'cancelled', fare: 'CLASSIC', order: [] }));
  }
});

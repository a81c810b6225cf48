import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { WatchSeatsResponse } from '@banyan/contracts/booking/v1/booking';
import { until } from '@banyan/stack/testing/until';
import { LONG } from './support/queues.ts';
import {
  as,
  atEnd,
  CUSTOMER,
  openFlight,
  passenger,
  type Replica,
  startService,
  wanted,
} from './support/world.ts';

/** Watches in the background; `changes` is what came, `ended` the error that ended it. */
function watch(t: TestContext, { seats }: Pick<Replica, 'seats'>) {
  const leaving = new AbortController();
  const answers: WatchSeatsResponse[] = [];
  const run = async (): Promise<unknown> => {
    try {
      for await (const answer of seats.watchSeats({}, { signal: leaving.signal })) answers.push(answer);
      return null;
    } catch (error) {
      return error;
    }
  };
  const ended = run();
  atEnd(t, () => leaving.abort());
  return { answers, ended, changes: () => answers.flatMap(({ changes }) => changes) };
}

test('watchers hear of every seat in the order of the commits, after a word that the watch has begun', async (t) => {
  const service = await startService(t);
  const flightId = await openFlight(service);
  const watching = watch(t, service);
  await until(() => watching.answers.length === 1, LONG);
  assert.deepEqual(watching.answers, [{ changes: [] }]);
  const { booking } = await service.bookings.createBooking(
    wanted(flightId, { passengers: [passenger({ seat: '2B' })] }),
    as(CUSTOMER),
  );
  await service.bookings.updateBooking(
    {
      bookingId: booking?.id ?? 0n,
      contact: undefined,
      updateMask: [],
      passengers: [
        {
          passengerId: booking?.passengers[0]?.id ?? 0n,
          seat: '2C',
          specialAssistance: false,
          updateMask: ['seat'],
        },
      ],
    },
    as(CUSTOMER),
  );
  await service.bookings.cancelBooking({ bookingId: booking?.id ?? 0n }, as(CUSTOMER));
  await until(() => watching.changes().length === 4, LONG);
  assert.deepEqual(watching.changes(), [
    { flightId, seat: '2B', taken: true },
    { flightId, seat: '2B', taken: false },
    { flightId, seat: '2C', taken: true },
    { flightId, seat: '2C', taken: false },
  ]);
});

test('who watches is cut when seats may have changed unheard, and when they move away', async (t) => {
  const service = await startService(t);
  const cut = async () => {
    const watching = watch(t, service);
    await until(() => watching.answers.length === 1, LONG);
    return watching;
  };
  const first = await cut();
  await service.monolith.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
     WHERE application_name = 'booking listener' AND datname = $1`,
    [new URL(service.serviceUrl).pathname.slice(1)],
  );
  assert.equal(((await first.ended) as { reason?: string }).reason, 'WATCH_INTERRUPTED');
  const second = await cut();
  await service.move('monolith');
  assert.equal(((await second.ended) as { reason?: string }).reason, 'WATCH_INTERRUPTED');
  await assert.rejects(service.seats.listTakenSeats({ flightId: 1n }), { reason: 'NOT_THE_OWNER' });
});

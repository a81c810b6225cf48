import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { Event } from '@banyan/contracts/events/v1/events';
import { createDatabase } from '@banyan/service-kit/database';
import { silentLogger } from '@banyan/service-kit/logger';
import fc from 'fast-check';
import type pg from 'pg';
import { cancelBooking } from '../src/bookings/cancel-booking.ts';
import { expireHolds } from '../src/bookings/expire-holds.ts';
import type { BookingParts } from '../src/bookings/parts.ts';
import { writeFlights } from '../src/directory/flight-rows.ts';
import { plusMs } from '../src/domain/booking.ts';
import type { Flight } from '../src/domain/flight.ts';
import { Refusal } from '../src/domain/refusal.ts';
import { takeEvent } from '../src/events/intake.ts';
import { createOwnStorage } from '../src/storage/own-storage.ts';
import { atEnd, startDatabases } from './support/databases.ts';
import { event, invoicePaid } from './support/world.ts';

const HOLD_MS = 30 * 60_000;
const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

const FLIGHT: Flight = {
  id: 7n,
  number: 'MA107',
  origin: { code: 'AMS', name: 'Schiphol', city: 'Amsterdam', latitude: 52.3, longitude: 4.8 },
  destination: { code: 'LIS', name: 'Humberto Delgado', city: 'Lisbon', latitude: 38.8, longitude: -9.1 },
  departsAt: new Date(Date.now() + 9 * 86_400_000),
  arrivesAt: new Date(Date.now() + 9.1 * 86_400_000),
  aircraft: 'A320',
  aircraftName: 'Airbus A320',
  cabin: { rows: 30, columns: 'ABCDEF' },
  status: 'SCHEDULED',
  gate: null,
  baseFareMinor: 10_000n,
  currency: 'EUR',
  revision: 1,
  updatedAt: new Date(),
};

/** What can happen to a booking; two of the payments are one event that comes twice, or two of the same content. */
const HAPPENINGS = ['paid', 'paid again', 'cancelled', 'hold over'] as const;
type Happening = (typeof HAPPENINGS)[number];

async function openStorage(t: Parameters<typeof startDatabases>[0]) {
  const { serviceUrl, service } = await startDatabases(t, 'service');
  const database = createDatabase(serviceUrl, { schema: 'booking', name: 'commute', logger: silentLogger });
  atEnd(t, () => database.end());
  const storage = createOwnStorage(database, { traceparent: () => TRACE });
  await writeFlights(database, [FLIGHT], new Date());
  return { database, storage, service };
}

/** A booking of the seed, made anew: held, on a flight to come, in a seat. */
async function holdAgain(service: pg.Pool, now: Date): Promise<bigint> {
  await service.query(`
    DELETE FROM outbox; DELETE FROM inbox; DELETE FROM outgoing_mail; DELETE FROM seat_claims;
    UPDATE bookings SET status = 'CANCELLED', hold_expires_at = NULL`);
  const { rows } = await service.query(
    `UPDATE bookings SET status = 'HELD', version = 1, flight_id = $2, hold_expires_at = $1
     WHERE id = (SELECT min(id) FROM bookings) RETURNING id, flight_id`,
    [plusMs(now, HOLD_MS), FLIGHT.id],
  );
  await service.query(
    `INSERT INTO seat_claims (flight_id, seat, booking_id, passenger_id)
     SELECT $2, '1A', $1, min(id) FROM passengers WHERE booking_id = $1`,
    [rows[0].id, rows[0].flight_id],
  );
  return BigInt(rows[0].id);
}

test('whatever happens to a booking, in whatever order, how often and at once: it ends lawfully, and billing knows how', async (t) => {
  const { storage, service } = await openStorage(t);
  const start = new Date();
  const steps = fc.array(fc.array(fc.constantFrom(...HAPPENINGS), { minLength: 1, maxLength: 3 }), {
    minLength: 1,
    maxLength: 4,
  });
  const property = fc.asyncProperty(steps, async (happenings) => {
    const id = await holdAgain(service, start);
    const paid = { paid: event(invoicePaid(id)), 'paid again': event(invoicePaid(id)) };
    const parts: Pick<BookingParts, 'storage' | 'tell' | 'catchUp' | 'now' | 'newId'> = {
      storage: () => storage,
      catchUp: async () => {},
      tell: async () => {},
      now: () => start,
      newId: randomUUID,
    };
    const happen = async (happening: Happening): Promise<void> => {
      if (happening === 'hold over') {
        // The database rounds to whole seconds.
        const now = () => plusMs(start, HOLD_MS + 1_000);
        await expireHolds({ storage, now, newId: randomUUID }, AbortSignal.timeout(20_000));
      } else if (happening === 'cancelled') {
        const wish = { bookingId: id, expectedVersion: null, requestKey: null };
        await cancelBooking({ ...parts, facts: NO_FACTS }, wish, AbortSignal.timeout(20_000)).catch(
          unlessFinal,
        );
      } else {
        const intake = { storage: parts.storage, fetchFlight: NO_FACTS.flight, now: parts.now };
        await takeEvent(intake, paid[happening]);
      }
    };
    for (const atOnce of happenings) await Promise.all(atOnce.map(happen));

    const after = await stateOf(service, id);
    // Confirmed once it was paid for in time; then only a cancellation ends it. A ticket says that it was confirmed.
    const lawful = after.mails === 1 ? LAWFUL.confirmed : LAWFUL.neverConfirmed;
    const told = `${after.status} v${after.version} ${after.told.join()}`;
    assert.ok(lawful.includes(told), `${told} after ${JSON.stringify(happenings)}`);
    assert.equal(after.seats, after.status === 'CONFIRMED' || after.status === 'HELD' ? 1 : 0);
    const came = new Set(happenings.flat());
    assert.equal(after.taken, Number(came.has('paid')) + Number(came.has('paid again')));
    // Whoever came first, where only one came at first, has had its way.
    const [first = []] = happenings;
    if (new Set(first).size === 1) assert.ok(FIRST[first[0] as Happening](after), JSON.stringify(happenings));
    if (came.has('cancelled')) assert.ok(['CANCELLED', 'EXPIRED'].includes(after.status), after.status);
  });
  await fc.assert(property, { numRuns: 40, endOnFailure: true });
});

const LAWFUL = {
  confirmed: ['CONFIRMED v2 ', 'CANCELLED v3 cancelled when confirmed'],
  neverConfirmed: ['HELD v1 ', 'CANCELLED v2 cancelled when held', 'EXPIRED v2 expired'],
};

type State = Awaited<ReturnType<typeof stateOf>>;

const FIRST: Readonly<Record<Happening, (after: State) => boolean>> = {
  paid: ({ mails }) => mails === 1,
  'paid again': ({ mails }) => mails === 1,
  cancelled: ({ status, mails }) => status === 'CANCELLED' && mails === 0,
  'hold over': ({ status }) => status === 'EXPIRED',
};

async function stateOf(service: pg.Pool, id: bigint) {
  const count = async (sql: string): Promise<number> => (await service.query(sql)).rowCount ?? 0;
  const { rows } = await service.query('SELECT status, version FROM bookings WHERE id = $1', [id]);
  const outbox = await service.query<{ body: Buffer; trace_parent: string }>(
    'SELECT body, trace_parent FROM outbox',
  );
  for (const { trace_parent } of outbox.rows) assert.equal(trace_parent, TRACE);
  return {
    status: rows[0].status as string,
    version: rows[0].version as number,
    told: outbox.rows.map(({ body }) => said(Event.decode(body))),
    mails: await count('SELECT FROM outgoing_mail'),
    taken: await count('SELECT FROM inbox'),
    seats: await count('SELECT FROM seat_claims'),
  };
}

function said({ body }: Event): string {
  if (body?.$case === 'bookingCancelled') {
    return `cancelled when ${body.value.wasConfirmed ? 'confirmed' : 'held'}`;
  }
  return body?.$case === 'holdExpired' ? 'expired' : String(body?.$case);
}

function unlessFinal(error: unknown): void {
  if (!(error instanceof Refusal) || error.reason !== 'ALREADY_FINAL') throw error;
}

const NO_FACTS = { flight: async () => null, account: async () => null };

test('a copy of a flight goes forward alone, in whatever order and how slowly its news is taken', async (t) => {
  const { database, storage, service } = await openStorage(t);
  const { id: flightId } = FLIGHT;
  const revisions = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 5 });
  const property = fc.asyncProperty(revisions, fc.boolean(), async (told, areAtOnce) => {
    await service.query('DELETE FROM inbox; DELETE FROM flights');
    await writeFlights(database, [{ ...FLIGHT, revision: 2, gate: 'G2' }], new Date());
    let last: Promise<unknown> = Promise.resolve();
    const take = (revision: number): Promise<unknown> => {
      const earlier = last;
      const asked: Flight = { ...FLIGHT, revision, gate: `G${revision}` };
      const fetchFlight = async (): Promise<Flight> => {
        // The answer is as the directory was when it was asked, which may be long ago.
        if (areAtOnce) await earlier;
        return asked;
      };
      const intake = { storage: () => storage, fetchFlight, now: () => new Date() };
      const taken = takeEvent(intake, event({ $case: 'flightChanged', value: { flightId, revision } }));
      last = taken;
      return taken;
    };
    if (areAtOnce) await Promise.all(told.map(take));
    else for (const revision of told) await take(revision);
    const newest = Math.max(2, ...told);
    const { rows } = await service.query('SELECT revision, gate FROM flights');
    assert.deepEqual(rows, [{ revision: newest, gate: `G${newest}` }]);
  });
  await fc.assert(property, { numRuns: 20, endOnFailure: true, examples: [[[5, 3], true]] });
});

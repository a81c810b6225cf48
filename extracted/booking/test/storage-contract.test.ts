import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createDatabase } from '@banyan/service-kit/database';
import { silentLogger } from '@banyan/service-kit/logger';
import { createCopies } from '../src/directory/copies.ts';
import { createOwnStorage } from '../src/storage/own-storage.ts';
import type { BookingReads, BookingStorage } from '../src/storage/port.ts';
import { toFlight } from '../src/storage/rows.ts';
import { createSharedStorage } from '../src/storage/shared-storage.ts';
import { atEnd, type Databases, startDatabases } from './support/databases.ts';

const EVERYTHING = { accountId: null, flightId: null, status: null, createdFrom: null, createdBefore: null };

function openShared(t: TestContext, { sharedUrl }: Databases): BookingStorage {
  const database = createDatabase(sharedUrl, {
    schema: 'booking_shared',
    name: 'shared',
    readOnly: true,
    logger: silentLogger,
  });
  atEnd(t, () => database.end());
  return createSharedStorage(database);
}

/** Own tables with the same rows; flights and accounts are copied as the refresher would. */
async function openOwn(t: TestContext, databases: Databases): Promise<BookingStorage> {
  const shared = createDatabase(databases.sharedUrl, {
    schema: 'booking_shared',
    name: 'directory',
    logger: silentLogger,
  });
  const database = createDatabase(databases.serviceUrl, {
    schema: 'booking',
    name: 'own',
    logger: silentLogger,
  });
  atEnd(t, async () => {
    await Promise.all([database.end(), shared.end()]);
  });
  const copies = createCopies(database);
  const { rows: flights } = await shared.query<Parameters<typeof toFlight>[0]>('SELECT * FROM flights');
  const { rows: accounts } = await shared.query<{ id: bigint; name: string; email: string; role: string }>(
    'SELECT id, name, email, role FROM accounts',
  );
  await copies.addFlights(flights.map(toFlight), 'x', new Date());
  await copies.addAccounts(accounts, 'x', new Date());
  return createOwnStorage(database);
}

/** Everything that can be read of the seed, in the order in which a caller reads it. */
async function readAll(storage: BookingReads, ids: readonly bigint[], flightIds: readonly bigint[]) {
  const exported = [];
  for await (const batch of storage.exportBookings(EVERYTHING, AbortSignal.timeout(60_000)))
    exported.push(...batch);
  return {
    bookings: await Promise.all([...ids, 2n ** 40n].map(storage.findBooking)),
    page: await storage.listBookings(EVERYTHING, { size: 7, skip: 3n, afterId: null }),
    next: await storage.listBookings(
      { ...EVERYTHING, status: 'HELD' },
      { size: 2, skip: 0n, afterId: ids[5] ?? null },
    ),
    end: await storage.listBookings(EVERYTHING, { size: 100, skip: 2n ** 40n, afterId: null }),
    own: await storage.listBookings({ ...EVERYTHING, accountId: 1n }, { size: 100, skip: 0n, afterId: null }),
    exported,
    taken: await Promise.all(flightIds.map(storage.takenSeats)),
    flights: await Promise.all([...flightIds, 2n ** 40n].map(storage.findFlight)),
    accounts: await Promise.all([1n, 2n, 2n ** 40n].map(storage.findAccount)),
  };
}

test('both storages read the same of the same state', async (t) => {
  const databases = await startDatabases(t, 'monolith');
  const ids = (await databases.monolith.query('SELECT id FROM bookings ORDER BY id LIMIT 60')).rows.map(
    ({ id }) => BigInt(id),
  );
  const flightIds = (await databases.monolith.query('SELECT id FROM flights ORDER BY id LIMIT 20')).rows.map(
    ({ id }) => BigInt(id),
  );
  const fromShared = await readAll(openShared(t, databases), ids, flightIds);
  await databases.move('service');
  const fromOwn = await readAll(await openOwn(t, databases), ids, flightIds);
  assert.deepEqual(fromOwn, fromShared);

  assert.equal(fromOwn.exported.length, 200);
  assert.equal(fromOwn.page.total, 200n);
  assert.equal(fromOwn.page.bookings.length, 7);
  assert.equal(fromOwn.page.more, true);
  assert.deepEqual([fromOwn.end.bookings, fromOwn.end.more], [[], false]);
  assert.ok(fromOwn.taken.flat().length > 0);
  assert.equal(fromOwn.bookings.at(-1), null);
  assert.ok(fromOwn.bookings[0]?.createdAt instanceof Date);
  assert.equal(typeof fromOwn.bookings[0]?.passengers[0]?.id, 'bigint');
});

test('seats are told as they are committed, wherever they are', async (t) => {
  const databases = await startDatabases(t, 'monolith');
  /** Frees a seat as soon as the following has begun. */
  const check = async (storage: BookingStorage, pool: Databases['monolith']) => {
    const { rows } = await pool.query(
      'SELECT flight_id, seat FROM seat_claims ORDER BY flight_id, seat LIMIT 1',
    );
    const { flight_id, seat } = rows[0];
    const told = await new Promise((resolve, reject) => {
      const following = storage.followSeats((change) => {
        if (change !== null) resolve(change);
        else {
          const values = [flight_id, seat];
          pool.query('DELETE FROM seat_claims WHERE flight_id = $1 AND seat = $2', values).catch(reject);
        }
      });
      atEnd(t, () => following.stop());
    });
    assert.deepEqual(told, { flightId: BigInt(flight_id), seat, taken: false });
  };
  await check(openShared(t, databases), databases.monolith);
  await databases.move('service');
  await check(await openOwn(t, databases), databases.service);
});

test('nobody writes what another side owns', async (t) => {
  const databases = await startDatabases(t, 'monolith');
  const shared = openShared(t, databases);
  let hasBegun = false;
  const work = async () => {
    hasBegun = true;
  };
  await assert.rejects(shared.write(work), { reason: 'NOT_THE_OWNER' });
  await assert.rejects((await openOwn(t, databases)).write(work), { code: 'BNY01' });
  assert.equal(hasBegun, false);
});

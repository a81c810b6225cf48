import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { createDatabase } from '@banyan/service-kit/database';
import { silentLogger } from '@banyan/service-kit/logger';
import { expireHolds } from '../src/bookings/expire-holds.ts';
import { createOwnStorage } from '../src/storage/own-storage.ts';
import { atEnd, startDatabases } from './support/databases.ts';

test('four that look at once, in small batches, end every hold once', async (t) => {
  const { serviceUrl, service } = await startDatabases(t, 'service');
  await service.query(
    `UPDATE bookings SET status = 'HELD', version = 1, hold_expires_at = now() - interval '1 minute' * (1 + id % 9)`,
  );
  const expireAll = async (): Promise<number> => {
    const database = createDatabase(serviceUrl, { schema: 'booking', name: 'expiry', logger: silentLogger });
    atEnd(t, () => database.end());
    const parts = {
      storage: createOwnStorage(database),
      now: () => new Date(),
      newId: randomUUID,
      tellSoon: () => {},
      batch: 7,
    };
    return expireHolds(parts, AbortSignal.timeout(20_000));
  };
  const counts = await Promise.all([expireAll(), expireAll(), expireAll(), expireAll()]);
  assert.equal(
    counts.reduce((sum, count) => sum + count),
    200,
  );
  const { rows } = await service.query('SELECT status, version, count(*)::int FROM bookings GROUP BY 1, 2');
  assert.deepEqual(rows, [{ status: 'EXPIRED', version: 2, count: 200 }]);
  assert.equal((await service.query('SELECT FROM outbox')).rowCount, 200);
  assert.equal((await service.query('SELECT FROM seat_claims')).rowCount, 0);
});

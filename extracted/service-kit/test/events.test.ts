import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import type { Event } from '@banyan/contracts/events/v1/events';
import { once, purgeInbox } from '../src/inbox.ts';
import { writeEvent } from '../src/outbox.ts';
import { now, startDatabase } from './kit.ts';

function holdExpired(bookingId: bigint): Event {
  const body = { $case: 'holdExpired', value: { bookingId } } as const;
  return { id: randomUUID(), occurredAt: now(), body };
}

test('an event of a transaction that did not commit is never told', async (t) => {
  const { database } = await startDatabase(t);
  const work = database.transaction(async (tx) => {
    await writeEvent(tx, holdExpired(1n), now());
    throw new Error('no');
  });
  await assert.rejects(work);
  assert.equal((await database.query('SELECT 1 FROM outbox')).rowCount, 0);
});

test('an event may be taken once it is committed, however wrong the clock of its writer is', async (t) => {
  const { database } = await startDatabase(t);
  const tomorrow = new Date(Date.now() + 86_400_000);
  await database.transaction((tx) => writeEvent(tx, { ...holdExpired(1n), occurredAt: tomorrow }, tomorrow));
  const due = 'SELECT type, attempts FROM outbox WHERE next_attempt_at <= now()';
  assert.deepEqual((await database.query(due)).rows, [{ type: 'holdExpired', attempts: 0 }]);
});

test('an event that is taken many times at once has its effect once', async (t) => {
  const { database } = await startDatabase(t);
  const id = randomUUID();
  const count = 'INSERT INTO things VALUES (9, 1) ON CONFLICT (id) DO UPDATE SET amount = things.amount + 1';
  const take = () => database.transaction((tx) => once(tx, id, async () => void (await tx.query(count))));
  const answers = await Promise.all(Array.from({ length: 8 }, take));
  assert.equal(answers.filter(({ duplicate }) => !duplicate).length, 1);
  assert.deepEqual((await database.query('SELECT amount FROM things')).rows, [{ amount: 1n }]);
});

test('what was taken is forgotten when it is old, and not before', async (t) => {
  const { database } = await startDatabase(t);
  const ids = [randomUUID(), randomUUID()];
  await database.query(`INSERT INTO inbox VALUES ($1, now() - interval '31 days'), ($2, now())`, ids);
  assert.equal(await purgeInbox(database, now()), 1);
  assert.deepEqual((await database.query('SELECT event_id FROM inbox')).rows, [{ event_id: ids[1] }]);
});

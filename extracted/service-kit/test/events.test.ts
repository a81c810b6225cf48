import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { type TestContext, test } from 'node:test';
import { type Event, EventIntakeServiceService } from '@banyan/contracts/events/v1/events';
import { until } from '@banyan/stack/testing/until';
import type { Database } from '../src/database.ts';
import { once, purgeInbox } from '../src/inbox.ts';
import { silentLogger } from '../src/logger.ts';
import { createEventDispatcher, type EventReceiver, writeEvent } from '../src/outbox.ts';
import { implement } from '../src/server.ts';
import { atEnd, intakeClient, now, startDatabase, startServer } from './kit.ts';

function holdExpired(bookingId: bigint): Event {
  const body = { $case: 'holdExpired', value: { bookingId } } as const;
  return { id: randomUUID(), occurredAt: now(), body };
}

async function write(database: Database, ...events: Event[]): Promise<string[]> {
  await database.transaction(async (tx) => {
    for (const event of events) await writeEvent(tx, event, now());
  });
  return events.map(({ id }) => id);
}

/** A receiver whose effect is to count, in a database of its own. */
async function startReceiver(t: TestContext, beforeAnswer: () => Promise<void> = async () => {}) {
  const { database } = await startDatabase(t);
  const services = [
    implement(EventIntakeServiceService, 'service', {
      deliver: async ({ event }) => {
        const bookingId = event?.body?.$case === 'holdExpired' ? event.body.value.bookingId : 0n;
        const result = await database.transaction((tx) =>
          once(tx, event?.id ?? '', async () => {
            await tx.query(
              'INSERT INTO things VALUES ($1, 1) ON CONFLICT (id) DO UPDATE SET amount = things.amount + 1',
              [bookingId],
            );
          }),
        );
        await beforeAnswer();
        return result;
      },
    }),
  ];
  const { target, server } = await startServer(t, { services });
  const effects = async () =>
    (await database.query<{ id: bigint; amount: bigint }>('SELECT * FROM things ORDER BY id')).rows;
  return { target, server, database, effects, receiver: intakeClient(t, target).api as EventReceiver };
}

function dispatch(
  t: TestContext,
  database: Database,
  resolve: (event: Event) => Promise<EventReceiver | null>,
) {
  let aheadMs = 0;
  const dispatcher = createEventDispatcher({
    database,
    resolve,
    logger: silentLogger,
    now: () => new Date(Date.now() + aheadMs),
    random: Math.random,
    pollMs: 50,
  });
  atEnd(t, () => dispatcher.stop());
  return {
    ...dispatcher,
    pass: (ms: number) => {
      aheadMs += ms;
    },
  };
}

test('an event is taken at once, exactly once, and is waited for', async (t) => {
  const { database } = await startDatabase(t);
  const { receiver, effects } = await startReceiver(t);
  const dispatcher = dispatch(t, database, async () => receiver);
  const ids = await write(database, holdExpired(1n), holdExpired(2n ** 53n + 1n));
  assert.deepEqual(await dispatcher.deliverSoon(ids), { acked: 2, missed: 0 });
  assert.deepEqual(await effects(), [
    { id: 1n, amount: 1n },
    { id: 2n ** 53n + 1n, amount: 1n },
  ]);
  dispatcher.pass(60_000);
  assert.deepEqual(await dispatcher.runOnce(), { delivered: 0, failed: 0 });
});

test('an event of a transaction that did not commit is never told', async (t) => {
  const { database } = await startDatabase(t);
  const work = database.transaction(async (tx) => {
    await writeEvent(tx, holdExpired(1n), now());
    throw new Error('no');
  });
  await assert.rejects(work);
  assert.equal((await database.query('SELECT 1 FROM outbox')).rowCount, 0);
});

test('a receiver that does its work and dies before it answers gets the event again and does nothing twice', async (t) => {
  const { database } = await startDatabase(t);
  let isDying = true;
  const { receiver, effects } = await startReceiver(t, async () => {
    if (isDying) throw new Error('died');
  });
  const dispatcher = dispatch(t, database, async () => receiver);
  const ids = await write(database, holdExpired(7n));
  assert.deepEqual(await dispatcher.deliverSoon(ids, { waitMs: 300 }), { acked: 0, missed: 1 });
  assert.deepEqual(await effects(), [{ id: 7n, amount: 1n }]);
  isDying = false;
  dispatcher.start();
  dispatcher.pass(60_000);
  await until(
    async () => (await database.query('SELECT 1 FROM outbox WHERE delivered_at IS NULL')).rowCount === 0,
    {
      deadlineMs: 5_000,
    },
  );
  assert.deepEqual(await effects(), [{ id: 7n, amount: 1n }]);
});

test('deliveries of one event at the same time have one effect', async (t) => {
  const { receiver, effects } = await startReceiver(t);
  const event = holdExpired(9n);
  const answers = await Promise.all(Array.from({ length: 8 }, () => receiver.deliver({ event })));
  assert.equal(answers.filter(({ duplicate }) => !duplicate).length, 1);
  assert.deepEqual(await effects(), [{ id: 9n, amount: 1n }]);
});

test('a slow receiver keeps the writer no longer than it may; several replicas share a backlog', async (t) => {
  const { database, open } = await startDatabase(t);
  const taken: string[] = [];
  let delayMs = 500;
  const receiver: EventReceiver = {
    deliver: async ({ event }) => {
      await new Promise((resolve) => setTimeout(resolve, delayMs));
      taken.push(event?.id ?? '');
      return { duplicate: false };
    },
  };
  const first = dispatch(t, database, async () => receiver);
  const second = dispatch(t, open(), async () => receiver);
  const startedAt = performance.now();
  const slow = await write(database, holdExpired(1n));
  assert.deepEqual(await first.deliverSoon(slow, { waitMs: 100 }), { acked: 0, missed: 1 });
  assert.ok(performance.now() - startedAt < 450);
  await until(() => taken.length === 1, { deadlineMs: 2_000 });

  delayMs = 5;
  const ids = await write(database, ...Array.from({ length: 90 }, (_, index) => holdExpired(BigInt(index))));
  first.pass(5_000);
  second.pass(5_000);
  first.start();
  second.start();
  await until(() => taken.length >= 91, { deadlineMs: 10_000 });
  assert.deepEqual(taken.slice(1).sort(), ids.sort());
});

test('events without a receiver stay, with a word on why, and purging keeps what is not old', async (t) => {
  const { database } = await startDatabase(t);
  const dispatcher = dispatch(t, database, async () => null);
  await write(database, holdExpired(1n));
  dispatcher.pass(5_000);
  assert.deepEqual(await dispatcher.runOnce(), { delivered: 0, failed: 1 });
  dispatcher.pass(700_000);
  assert.deepEqual(await dispatcher.runOnce(), { delivered: 0, failed: 1 });
  const { rows } = await database.query('SELECT attempts, last_error FROM outbox');
  assert.deepEqual(rows, [{ attempts: 2, last_error: 'nobody who takes it is known' }]);
  await database.query(`INSERT INTO inbox VALUES ($1, now() - interval '31 days'), ($2, now())`, [
    randomUUID(),
    randomUUID(),
  ]);
  assert.equal(await purgeInbox(database, now()), 1);
});

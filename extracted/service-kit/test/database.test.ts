import assert from 'node:assert/strict';
import { connect as connectSocket, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { OwnershipServiceClient, OwnershipServiceService } from '@banyan/contracts/ownership/v1/ownership';
import { freePort } from '@banyan/stack/testing/free-port';
import { until } from '@banyan/stack/testing/until';
import { createServiceClient } from '../src/client.ts';
import { createDatabase, violatedConstraint } from '../src/database.ts';
import { silentLogger } from '../src/logger.ts';
import { migrate } from '../src/migrations.ts';
import { createOwnershipReader, ownershipService } from '../src/ownership.ts';
import { implement } from '../src/server.ts';
import { atEnd, LONG, startDatabase, startServer } from './kit.ts';

test('columns keep what they hold: int8 as bigint, numeric and local times as text, instants as Date', async (t) => {
  const { database } = await startDatabase(t);
  const { rows } = await database.query(`
    SELECT 9007199254740993::int8 AS big, 1.10::numeric AS amount, '2026-11-22 10:00'::timestamp AS local,
           '2026-11-22'::date AS day, '2026-11-22T10:00Z'::timestamptz AS instant,
           ARRAY[9007199254740993, NULL]::int8[] AS many, '{}'::int8[] AS none, '{"a":1}'::jsonb AS json,
           current_setting('search_path') AS path, current_setting('TimeZone') AS zone`);
  assert.deepEqual(rows[0], {
    big: 2n ** 53n + 1n,
    amount: '1.10',
    local: '2026-11-22 10:00:00',
    day: '2026-11-22',
    instant: new Date('2026-11-22T10:00:00Z'),
    many: [2n ** 53n + 1n, null],
    none: [],
    json: { a: 1 },
    path: 'billing',
    zone: 'UTC',
  });
});

test('migrating again, and from two processes at once, does nothing', async (t) => {
  const { url, database } = await startDatabase(t);
  const folder = `${import.meta.dirname}/migrations`;
  const state = async () =>
    (
      await database.query(
        `SELECT table_name, (SELECT max(run_on) FROM kit_migrations) AS kit_at, (SELECT max(run_on) FROM migrations) AS at
         FROM information_schema.tables WHERE table_schema = 'billing' ORDER BY 1`,
      )
    ).rows;
  const before = await state();
  assert.ok(before.some(({ table_name }) => table_name === 'outbox'));
  assert.ok(before.some(({ table_name }) => table_name === 'things'));
  await Promise.all([1, 2].map(() => migrate({ databaseUrl: url, folder, schema: 'billing' })));
  assert.deepEqual(await state(), before);
});

test('a transaction is whole or not at all, and conflicting ones are tried again until both are in', async (t) => {
  const { database } = await startDatabase(t, 'INSERT INTO things VALUES (1, 0)');
  await assert.rejects(
    database.transaction(async (tx) => {
      await tx.query('UPDATE things SET amount = 99');
      await tx.query('INSERT INTO things VALUES (1, 0)');
    }),
    (error) => violatedConstraint(error) === 'things_pkey',
  );
  let runs = 0;
  const allHaveRead = Promise.withResolvers<void>();
  const add = () =>
    database.transaction(
      async (tx) => {
        runs += 1;
        const { rows } = await tx.query<{ amount: bigint }>('SELECT amount FROM things WHERE id = 1');
        // So that they do conflict: nobody writes before all have read.
        if (runs === 3) allHaveRead.resolve();
        await allHaveRead.promise;
        await tx.query('UPDATE things SET amount = $1 WHERE id = 1', [(rows[0]?.amount ?? 0n) + 1n]);
      },
      { isolation: 'serializable', attemptsMax: 20 },
    );
  await Promise.all([add(), add(), add()]);
  assert.deepEqual((await database.query('SELECT amount FROM things')).rows, [{ amount: 3n }]);
  assert.ok(runs > 3, `${runs} runs`);
});

test('a stream is one snapshot, is read only, refuses one too many, and gives its connection back when left', async (t) => {
  const { open, database } = await startDatabase(
    t,
    'INSERT INTO things SELECT n, n FROM generate_series(1, 2500) n',
  );
  const limited = open({ streamsMax: 1 });
  const signal = new AbortController().signal;
  const sql = 'SELECT id FROM things WHERE id > $1 ORDER BY id';
  let seen = 0n;
  for await (const batch of limited.stream<{ id: bigint }>(sql, [500], { batchRows: 300, signal })) {
    if (seen === 0n) {
      await database.query('DELETE FROM things WHERE id > 1000');
      await assert.rejects(
        async () => {
          for await (const _batch of limited.stream(sql, [0], { signal }));
        },
        { code: 'RESOURCE_EXHAUSTED' },
      );
    }
    seen += BigInt(batch.length);
  }
  assert.equal(seen, 2_000n);
  for await (const _batch of limited.stream(sql, [0], { batchRows: 10, signal })) break;
  let left = 0;
  for await (const batch of limited.stream(sql, [0], { signal })) left += batch.length;
  assert.equal(left, 1_000);
  await assert.rejects(async () => {
    for await (const _batch of limited.stream(sql, [0], { signal: AbortSignal.abort() }));
  });
  // The look at the database's health may have a connection at any moment, for a moment.
  await until(() => limited.stats().total === limited.stats().idle, LONG);
});

test('a statement and a lock that take too long are ended', async (t) => {
  const { open, database } = await startDatabase(t, 'INSERT INTO things VALUES (1, 0)');
  const brief = open({ statementTimeoutMs: 200 });
  await assert.rejects(brief.query('SELECT pg_sleep(60)'), { code: '57014' });
  const impatient = open({ lockTimeoutMs: 100 });
  await database.transaction(async (tx) => {
    await tx.query('SELECT * FROM things FOR UPDATE');
    await assert.rejects(impatient.query('UPDATE things SET amount = 1'), { code: '55P03' });
  });
});

/** Stands before the server of databases, and can be taken away. */
async function startProxy(t: TestContext, databaseUrl: string) {
  const { hostname, port } = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  const proxy = createServer((socket) => {
    const upstream = connectSocket(Number(port), hostname);
    for (const each of [socket, upstream]) {
      sockets.add(each);
      each.on('error', () => undefined);
      each.on('close', () => sockets.delete(each));
    }
    socket.pipe(upstream).pipe(socket);
  });
  const ownPort = await freePort();
  const listen = () => new Promise<void>((resolve) => proxy.listen(ownPort, '127.0.0.1', () => resolve()));
  await listen();
  const url = new URL(databaseUrl);
  url.port = String(ownPort);
  const cut = async (): Promise<void> => {
    const closed = new Promise((resolve) => proxy.close(resolve));
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  atEnd(t, cut);
  return { url: url.href, cut, restore: listen };
}

test('a service starts without its database, is NOT_SERVING, recovers, and survives its loss', async (t) => {
  const { url } = await startDatabase(t);
  const proxy = await startProxy(t, url);
  await proxy.cut();
  const said: string[] = [];
  const database = createDatabase(proxy.url, {
    schema: 'billing',
    name: 'lost and found',
    logger: { ...silentLogger, warn: (_: unknown, text?: string) => said.push(text ?? '') },
    healthEveryMs: 100,
  });
  atEnd(t, () => database.end());
  const services = [
    implement(OwnershipServiceService, 'open', {
      listOwnership: async () => {
        await database.query('SELECT * FROM things');
        return { ownerships: [] };
      },
      async *watchOwnership() {},
    }),
  ];
  const { server, target } = await startServer(t, { services });
  const show = (healthy: boolean) => server.health.set(healthy ? 'SERVING' : 'NOT_SERVING');
  show(database.healthy());
  database.onHealth(show);
  const client = createServiceClient(OwnershipServiceClient, target);
  atEnd(t, () => client.close());

  assert.equal(server.health.get(), 'NOT_SERVING');
  await assert.rejects(async () => client.api.listOwnership({}), {
    code: 'UNAVAILABLE',
    reason: 'DATABASE_UNAVAILABLE',
    retryAfterSeconds: 1,
  });
  const ready = database.waitUntilReady(AbortSignal.timeout(LONG.deadlineMs));
  await until(() => said.length > 0, LONG);
  await proxy.restore();
  await ready;
  assert.equal(server.health.get(), 'SERVING');
  assert.deepEqual([...new Set(said)], ['database not reached: trying on']);
  await client.api.listOwnership({});

  await proxy.cut();
  await until(() => server.health.get() === 'NOT_SERVING', LONG);
  await proxy.restore();
  await until(() => server.health.get() === 'SERVING', LONG);
  await client.api.listOwnership({});
});

const OWNERSHIP = `
  CREATE SCHEMA banyan;
  CREATE TABLE banyan.own (aggregate text PRIMARY KEY, owner text NOT NULL, epoch bigint NOT NULL, copy_id uuid);
  INSERT INTO banyan.own VALUES ('billing', 'monolith', 1)`;

test('ownership is unknown where none is installed, is followed when it changes, and is told to watchers', async (t) => {
  const { database } = await startDatabase(t);
  // The poll is too slow to count here: what is seen is seen by notification.
  const reader = createOwnershipReader({ database, logger: silentLogger, pollMs: 60_000 });
  await reader.start();
  atEnd(t, () => reader.stop());
  assert.equal(reader.ownerOf('billing'), 'unknown');
  const { server, target } = await startServer(t, {
    services: [ownershipService(reader, { billing: 'shared' })],
  });
  const client = createServiceClient(OwnershipServiceClient, target);
  atEnd(t, () => client.close());
  const told: string[] = [];
  const watching = (async () => {
    for await (const { ownerships } of client.api.watchOwnership({})) {
      told.push(ownerships.map(({ owner, epoch }) => `${owner}@${epoch}`).join());
    }
  })();
  watching.catch(() => undefined);
  await until(() => told.length === 1, LONG);

  await database.query(OWNERSHIP);
  atEnd(t, async () => void (await database.query('DROP SCHEMA banyan CASCADE')));
  assert.deepEqual(await client.api.listOwnership({}), {
    ownerships: [{ aggregate: 'billing', owner: 'OWNER_MONOLITH', epoch: 1n, data: 'SERVICE_DATA_SHARED' }],
  });
  await database.transaction(async (tx) => {
    await tx.query(`UPDATE banyan.own SET owner = 'service', epoch = 2`);
    await tx.query(`SELECT pg_notify('banyan_own', 'billing')`);
  });
  await until(() => reader.ownerOf('billing') === 'service', LONG);
  await until(() => told.at(-1) === 'OWNER_SERVICE@2', LONG);
  assert.deepEqual(told, ['', 'OWNER_MONOLITH@1', 'OWNER_SERVICE@2']);
  await server.stop();
  await assert.rejects(watching, { code: 'UNAVAILABLE' });
});

test('a write that the fence refuses is FAILED_PRECONDITION, NOT_THE_OWNER', async (t) => {
  const { database } = await startDatabase(
    t,
    `CREATE FUNCTION fence() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN RAISE 'banyan: billing is owned by monolith' USING ERRCODE = 'BNY01'; END $$;
     CREATE TRIGGER fence BEFORE INSERT ON things FOR EACH STATEMENT EXECUTE FUNCTION fence()`,
  );
  const services = [
    implement(OwnershipServiceService, 'open', {
      listOwnership: async () => {
        await database.query('INSERT INTO things VALUES (1, 1)');
        return { ownerships: [] };
      },
      async *watchOwnership() {},
    }),
  ];
  const { target } = await startServer(t, { services });
  const client = createServiceClient(OwnershipServiceClient, target);
  atEnd(t, () => client.close());
  await assert.rejects(async () => client.api.listOwnership({}), {
    code: 'FAILED_PRECONDITION',
    reason: 'NOT_THE_OWNER',
  });
});

import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { until } from '@banyan/stack/testing/until';
import { Redis } from 'ioredis';
import {
  type FlagStore,
  type Held,
  type ReplicaReport,
  StoreAway,
  StoreCorrupt,
  type StoreEvents,
} from '../../src/rollout/flag-store.ts';
import {
  createFileStore,
  AUDIT_ENTRIES_MAX as FILE_ENTRIES_MAX,
} from '../../src/rollout/stores/file-store.ts';
import {
  CHANNEL,
  COMMIT,
  KEYS,
  AUDIT_ENTRIES_MAX as REDIS_ENTRIES_MAX,
} from '../../src/rollout/stores/redis-scripts.ts';
import { createRedisStore } from '../../src/rollout/stores/redis-store.ts';
import { createTestRedis } from '../support/redis.ts';
import { runUntilKilled } from './support/crashing.ts';
import { entryOf, snapshotOf } from './support/entries.ts';

/** Of a store that nothing keeps from answering, on a busy machine. */
const SOON_MS = 45_000;
/** Deadlines of all that a call does, and what a busy machine adds. */
const REFUSED_MS = 8_000;

/** For commands to a Redis that answers, and a disk, on a busy machine. */
const PATIENT_MS = 15_000;
/** As in production. */
const COMMAND_MS = 1_000;

type Place = {
  /** One that nobody has started. */
  open(commandMs?: number): FlagStore;
  takeAway(): Promise<void>;
  bringBack(): Promise<void>;
  /** What is held, as it lies there. */
  raw(): Promise<string>;
  setRaw(text: string): Promise<void>;
  /** Arguments of `commit-forever.ts`. */
  readonly writer: readonly string[];
  [Symbol.asyncDispose](): Promise<void>;
};

type Kind = {
  readonly name: string;
  /** How many replicas it is for. */
  readonly replicas: number;
  readonly entriesMax: number;
  place(): Promise<Place>;
};

const kinds: readonly Kind[] = [
  {
    name: 'redis',
    replicas: 4,
    entriesMax: REDIS_ENTRIES_MAX,
    place: async () => {
      const redis = await createTestRedis({ keepsData: true });
      await redis.start();
      const client = new Redis(redis.url, { retryStrategy: () => 50 });
      client.on('error', () => {});
      return {
        open: (commandMs = PATIENT_MS) => createRedisStore(redis.url, commandMs),
        takeAway: redis.kill,
        bringBack: redis.start,
        raw: async () => (await client.get(KEYS.held)) ?? '',
        setRaw: async (text) => {
          await client.set(KEYS.held, text);
        },
        writer: ['redis', redis.url],
        [Symbol.asyncDispose]: async () => {
          client.disconnect();
          await redis[Symbol.asyncDispose]();
        },
      };
    },
  },
  {
    name: 'file',
    replicas: 1,
    entriesMax: FILE_ENTRIES_MAX,
    place: async () => {
      const folder = await mkdtemp(join(tmpdir(), 'banyan-flags-'));
      const data = join(folder, 'data');
      await mkdir(data);
      const path = join(data, 'flags.json');
      return {
        open: (commandMs = PATIENT_MS) => createFileStore(path, commandMs),
        takeAway: async () => {
          await rename(data, join(folder, 'aside'));
          await writeFile(data, 'no folder');
        },
        bringBack: async () => {
          await rm(data);
          await rename(join(folder, 'aside'), data);
        },
        raw: () => readFile(path, 'utf8'),
        setRaw: (text) => writeFile(path, text),
        writer: ['file', data],
        [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
      };
    },
  },
];

type Seen = {
  readonly snapshots: Held[];
  readonly versions: (number | undefined)[];
  readonly away: string[];
  readonly corrupt: string[];
};

type Watched = { readonly store: FlagStore; readonly seen: Seen; [Symbol.asyncDispose](): Promise<void> };

/** Started, and asked once with success. */
async function watched(place: Pick<Place, 'open'>, commandMs?: number): Promise<Watched> {
  const store = place.open(commandMs);
  const seen: Seen = { snapshots: [], versions: [], away: [], corrupt: [] };
  const events: StoreEvents = {
    onSnapshot: (held) => seen.snapshots.push(held),
    onSeen: (version) => seen.versions.push(version),
    onAway: (reason) => seen.away.push(reason),
    onCorrupt: (reason) => seen.corrupt.push(reason),
  };
  await store.start(events);
  await until(() => seen.snapshots.length + seen.versions.length > 0, {
    deadlineMs: SOON_MS,
    what: 'the first word of the store',
  });
  return { store, seen, [Symbol.asyncDispose]: () => store.stop() };
}

/** All audit, newest first, page by page. */
async function auditOf(store: FlagStore): Promise<Awaited<ReturnType<FlagStore['audit']>>> {
  const entries = [];
  for (;;) {
    const before = entries.at(-1)?.id;
    const page = await store.audit({ limit: 1_000, ...(before === undefined ? {} : { before }) });
    if (page.length === 0) return entries;
    entries.push(...page);
  }
}

function reportOf(replica: string): ReplicaReport {
  return { replica, version: 1, recordedVersion: 1, kills: 0, at: '2026-11-23T12:00:00.000Z' };
}

/** Snapshot and audit belong together: the entry of each version, in order, up to the one that is held. */
async function assertWhole(store: FlagStore, versionMin: number): Promise<void> {
  const held = await store.read();
  const version = held?.snapshot.version ?? 0;
  assert.ok(version >= versionMin, `${version} is held and ${versionMin} was acknowledged`);
  const entries = await auditOf(store);
  assert.deepEqual(
    entries.map((entry) => entry.version),
    Array.from({ length: version }, (_, index) => version - index),
  );
  assert.equal(entries[0]?.id, held?.entry.id);
}

for (const kind of kinds) {
  describe(`flags kept in ${kind.name}`, { concurrency: 4 }, () => {
    it('are nothing at first', async () => {
      await using place = await kind.place();
      await using replica = await watched(place);
      assert.equal(await replica.store.read(), undefined);
      assert.deepEqual(await replica.store.audit({ limit: 10 }), []);
      assert.deepEqual(replica.seen.versions.slice(0, 1), [undefined]);
    });

    it('are replaced only where the expected version is held', async () => {
      await using place = await kind.place();
      await using replica = await watched(place);
      const { store } = replica;
      assert.deepEqual(await store.commit(1, snapshotOf(2), entryOf(2)), {
        kind: 'stale',
        current: undefined,
      });
      assert.deepEqual(await store.commit(0, snapshotOf(7), entryOf(7, 'seven')), { kind: 'done' });
      for (const expected of [0, 6, 8]) {
        const result = await store.commit(expected, snapshotOf(9), entryOf(9));
        assert.deepEqual(result, { kind: 'stale', current: 7 });
      }
      assert.deepEqual(await store.read(), { snapshot: snapshotOf(7), entry: entryOf(7, 'seven') });
      assert.deepEqual(
        (await store.audit({ limit: 10 })).map(({ id }) => id),
        ['seven'],
      );
    });

    it('of many writers at once exactly one wins each version, with its audit entry', async () => {
      await using place = await kind.place();
      await using replicas = new AsyncDisposableStack();
      const stores: FlagStore[] = [];
      for (let each = 0; each < kind.replicas; each += 1) {
        stores.push(replicas.use(await watched(place)).store);
      }
      const winners: string[] = [];
      for (let version = 1; version <= 20; version += 1) {
        const results = await Promise.all(
          Array.from({ length: 8 }, async (_, each) => {
            const id = `${version}-${each}`;
            const store = stores[each % stores.length] as FlagStore;
            const result = await store.commit(version - 1, snapshotOf(version, id), entryOf(version, id));
            return result.kind === 'done' ? [id] : [];
          }),
        );
        const won = results.flat();
        assert.equal(won.length, 1, `version ${version} was won by ${won.join(', ') || 'nobody'}`);
        const held = await stores[0]?.read();
        assert.deepEqual([held?.snapshot.reason, held?.entry.id], [won[0], won[0]]);
        winners.unshift(...won);
      }
      const entries = await auditOf(stores[0] as FlagStore);
      assert.deepEqual(
        entries.map(({ id }) => id),
        winners,
      );
    });

    it('take the same commit twice as one, also when others came after it', async () => {
      await using place = await kind.place();
      await using replica = await watched(place);
      const { store } = replica;
      const commit = () => store.commit(0, snapshotOf(1), entryOf(1, 'first'));
      assert.deepEqual([await commit(), await commit()], [{ kind: 'done' }, { kind: 'done' }]);
      await store.commit(1, snapshotOf(2), entryOf(2, 'second'));
      assert.deepEqual(await commit(), { kind: 'done' });
      assert.equal((await store.read())?.snapshot.version, 2);
      assert.deepEqual(
        (await auditOf(store)).map(({ id }) => id),
        ['second', 'first'],
      );
    });

    it('have an audit to which the same entry is added once, and that is read in pages, newest first', async () => {
      await using place = await kind.place();
      await using replica = await watched(place);
      const { store } = replica;
      await store.append([entryOf(null, 'a'), entryOf(null, 'b')]);
      await store.commit(0, snapshotOf(1), entryOf(1, 'c'));
      const late = entryOf(null, 'd', 2);
      await store.append([entryOf(null, 'b'), late, entryOf(null, 'a'), late]);
      const ids = async (query: Parameters<FlagStore['audit']>[0]) =>
        (await store.audit(query)).map(({ id }) => id);
      assert.deepEqual(await ids({ limit: 10 }), ['d', 'c', 'b', 'a']);
      assert.deepEqual(await ids({ limit: 2 }), ['d', 'c']);
      assert.deepEqual(await ids({ limit: 2, before: 'c' }), ['b', 'a']);
      assert.deepEqual(await ids({ limit: 2, before: 'a' }), []);
      await assert.rejects(ids({ limit: 2, before: 'nobody' }), {
        name: 'FlagRefusal',
        kind: 'invalid-value',
      });
      assert.deepEqual((await store.audit({ limit: 1 }))[0], late);
    });

    it('have an audit in the order of what was done, whenever it was told of, through every page', async () => {
      await using place = await kind.place();
      await using replica = await watched(place);
      const { store } = replica;
      await store.commit(0, snapshotOf(5), entryOf(5, 'five'));
      await store.append([entryOf(null, 'killed-b', 3), entryOf(2, 'two'), entryOf(null, 'lifted', 4)]);
      await store.append([
        entryOf(null, 'killed-a', 3),
        entryOf(4, 'four', 3.5),
        entryOf(null, 'first', -86_400),
      ]);
      await store.commit(5, snapshotOf(6), entryOf(6, 'six'));
      const order = ['six', 'five', 'lifted', 'four', 'killed-b', 'killed-a', 'two', 'first'];
      const ids = (entries: Awaited<ReturnType<FlagStore['audit']>>) => entries.map(({ id }) => id);
      assert.deepEqual(ids(await store.audit({ limit: 100 })), order);
      for (const limit of [1, 2, 3]) {
        const paged: string[] = [];
        for (let page = ids(await store.audit({ limit })); page.length > 0; ) {
          paged.push(...page);
          page = ids(await store.audit({ limit, before: paged.at(-1) as string }));
        }
        assert.deepEqual(paged, order, `by ${limit}`);
      }
    });

    it(`have an audit of ${kind.entriesMax} entries; the oldest make room`, async () => {
      assert.ok(kind.entriesMax >= 10_000);
      await using place = await kind.place();
      await using replica = await watched(place);
      const { store } = replica;
      const entries = Array.from({ length: kind.entriesMax }, (_, each) =>
        entryOf(null, `e${each}`, each - kind.entriesMax),
      );
      for (let from = 0; from < entries.length; from += 2_000)
        await store.append(entries.slice(from, from + 2_000));
      assert.equal((await auditOf(store)).length, kind.entriesMax);
      await store.commit(0, snapshotOf(1), entryOf(1, 'one'));
      await store.append([entryOf(null, 'two', 2)]);
      const kept = await auditOf(store);
      assert.deepEqual(
        [kept.length, kept[0]?.id, kept[1]?.id, kept.at(-1)?.id],
        [kind.entriesMax, 'two', 'one', 'e2'],
      );
    });

    it('are told to all that watch, and to who comes later', async () => {
      await using place = await kind.place();
      await using replicas = new AsyncDisposableStack();
      const watching: Watched[] = [];
      for (let each = 0; each < kind.replicas; each += 1) watching.push(replicas.use(await watched(place)));
      const [first] = watching as [Watched];
      await first.store.commit(0, snapshotOf(1), entryOf(1, 'one'));
      for (const { seen } of watching) {
        await until(() => seen.snapshots.length > 0, { deadlineMs: SOON_MS, what: 'being told' });
        assert.deepEqual(seen.snapshots[0], { snapshot: snapshotOf(1), entry: entryOf(1, 'one') });
        // What is known is seen again: that is how staleness is measured.
        await until(() => seen.versions.includes(1), { deadlineMs: SOON_MS, what: 'being seen again' });
      }
      await using late = await watched(place);
      await until(() => late.seen.snapshots[0]?.snapshot.version === 1, { deadlineMs: SOON_MS });
    });

    it('know who reported, once, and forget who stopped', async () => {
      await using place = await kind.place();
      await using one = await watched(place);
      await one.store.report(reportOf('one'));
      await one.store.report({ ...reportOf('one'), version: 2 });
      assert.deepEqual(await one.store.replicas(), [{ ...reportOf('one'), version: 2 }]);
      if (kind.replicas === 1) return;
      const two = await watched(place);
      await two.store.report(reportOf('two'));
      assert.deepEqual(
        (await one.store.replicas()).map(({ replica }) => replica),
        ['one', 'two'],
      );
      await two.store.stop();
      assert.deepEqual(
        (await one.store.replicas()).map(({ replica }) => replica),
        ['one'],
      );
      // And who says nothing any more.
      const forgotten = async () => (await one.store.replicas()).length === 0;
      await until(forgotten, { deadlineMs: SOON_MS, everyMs: 200, what: 'forgetting' });
    });

    it('refuse everything by StoreAway within a deadline while the store is away, and stand when it is back', async () => {
      await using place = await kind.place();
      await using replica = await watched(place, COMMAND_MS);
      const { store, seen } = replica;
      await store.commit(0, snapshotOf(1), entryOf(1, 'one'));
      await place.takeAway();
      const startedAt = performance.now();
      const asked = [
        store.read(),
        store.commit(1, snapshotOf(2), entryOf(2)),
        store.append([entryOf(null)]),
        store.audit({ limit: 1 }),
        ...(kind.replicas > 1 ? [store.report(reportOf('one')), store.replicas()] : []),
      ];
      for (const result of await Promise.allSettled<unknown>(asked)) {
        assert.equal(result.status, 'rejected');
        assert.ok(result.reason instanceof StoreAway, String(result.reason));
        assert.doesNotMatch(result.reason.message, /127\.0\.0\.1|\/tmp/);
      }
      assert.ok(performance.now() - startedAt < REFUSED_MS);
      const isTold = () => seen.away.some((reason) => /refused|cannot be read/.test(reason));
      await until(isTold, { deadlineMs: SOON_MS, what: 'being told that it is away' });
      assert.doesNotMatch(seen.away.join('\n'), /127\.0\.0\.1|\/tmp/);
      await place.bringBack();
      const back = await until(() => store.read(), { deadlineMs: SOON_MS, what: 'the store’s return' });
      assert.deepEqual([back.snapshot.version, back.entry.id], [1, 'one']);
      assert.deepEqual(
        (await auditOf(store)).map(({ id }) => id),
        ['one'],
      );
      assert.deepEqual(await store.commit(1, snapshotOf(2), entryOf(2)), { kind: 'done' });
    });

    it('are refused whole where they do not hold, and nothing is written over them', async () => {
      await using place = await kind.place();
      await using replica = await watched(place);
      const { store, seen } = replica;
      await store.commit(0, snapshotOf(1), entryOf(1, 'one'));
      const good = await place.raw();
      const bad = [good.slice(0, good.length / 2), good.replaceAll('"service"', '"elsewhere"'), 'null'];
      for (const text of bad) {
        await place.setRaw(text);
        const told = seen.corrupt.length;
        await assert.rejects(store.read(), StoreCorrupt);
        await assert.rejects(store.commit(1, snapshotOf(2), entryOf(2)), StoreCorrupt);
        await assert.rejects(store.commit(0, snapshotOf(1), entryOf(1)), StoreCorrupt);
        await until(() => seen.corrupt.length > told, { deadlineMs: SOON_MS, what: 'being told' });
        assert.equal(await place.raw(), text);
      }
      assert.equal(seen.snapshots.length, 1);
      assert.match(seen.corrupt.join('\n'), /flags\.getInvoice\.stage must be one of/);
      await place.setRaw(good);
      assert.deepEqual(await store.commit(1, snapshotOf(2), entryOf(2)), { kind: 'done' });
    });

    it('have both of snapshot and audit entry, or neither, when a writer is killed', async () => {
      await using place = await kind.place();
      let acknowledged = 0;
      for (const linesWanted of [1, 7, 30]) {
        const lines = await runUntilKilled('commit-forever.ts', place.writer, linesWanted);
        assert.ok(lines.length >= linesWanted);
        acknowledged = Number(lines.at(-1));
        await using replica = await watched(place);
        await assertWhole(replica.store, acknowledged);
      }
    });
  });
}

describe('flags kept in file', () => {
  it('keep the entry of what is held, however much was noted since', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'banyan-flags-'));
    const path = join(folder, 'flags.json');
    const store = createFileStore(path, PATIENT_MS);
    await store.commit(0, snapshotOf(1), entryOf(1, 'one'));
    await store.append(Array.from({ length: FILE_ENTRIES_MAX + 1 }, () => entryOf(null, undefined, 2)));
    await store.stop();
    const again = createFileStore(path);
    assert.equal((await again.read())?.entry.id, 'one');
    await again.stop();
    await rm(folder, { recursive: true });
  });

  it('are never half there, whoever looks', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'banyan-flags-'));
    const path = join(folder, 'flags.json');
    const store = createFileStore(path, PATIENT_MS);
    await store.append(Array.from({ length: 4_000 }, () => entryOf(null)));
    let isWriting = true;
    const writing = (async () => {
      for (let version = 1; version <= 20; version += 1) {
        await store.commit(version - 1, snapshotOf(version), entryOf(version));
      }
      isWriting = false;
    })();
    while (isWriting) JSON.parse(await readFile(path, 'utf8'));
    await writing;
    await store.stop();
    await rm(folder, { recursive: true });
  });
});

describe('flags kept in redis', { concurrency: 2 }, () => {
  it('have both of snapshot and audit entry, or neither, when Redis is killed under many writers', async () => {
    await using redis = await createTestRedis({ keepsData: true });
    await redis.start();
    const over = new AbortController();
    const writers = [1, 2].map(() => runUntilKilled('commit-forever.ts', ['redis', redis.url], over.signal));
    try {
      for (let round = 0; round < 3; round += 1) {
        const place = { open: () => createRedisStore(redis.url) };
        await using replica = await watched(place);
        const before = (await replica.store.read())?.snapshot.version ?? 0;
        await until(async () => ((await replica.store.read())?.snapshot.version ?? 0) > before + 20, {
          deadlineMs: SOON_MS,
          what: 'writers that go on',
        });
        await redis.kill();
        await redis.start();
      }
    } finally {
      over.abort();
    }
    const acknowledged = Math.max(...(await Promise.all(writers)).flat().map(Number));
    const store = createRedisStore(redis.url);
    await store.start({ onSnapshot: () => {}, onSeen: () => {}, onAway: () => {}, onCorrupt: () => {} });
    await until(() => store.read(), { deadlineMs: SOON_MS });
    await assertWhole(store, acknowledged);
    await store.stop();
  });

  it('are not changed by a commit that comes after its own end', async () => {
    await using redis = await createTestRedis();
    await redis.start();
    const client = new Redis(redis.url);
    const commit = (untilMs: number) =>
      client.eval(
        COMMIT,
        3,
        ...[KEYS.held, KEYS.entries, KEYS.audit],
        ...['', untilMs, 'held', 'id', 0, 'entry', REDIS_ENTRIES_MAX, CHANNEL],
      );
    const [seconds] = await client.time();
    assert.equal(await commit((Number(seconds) - 1) * 1_000), 'late');
    assert.deepEqual(await client.keys('*'), []);
    assert.equal(await commit((Number(seconds) + 3_600) * 1_000), 'done');
    assert.equal(await client.get(KEYS.held), 'held');
    client.disconnect();
  });

  it('are not changed late by what was refused while Redis was paused', async () => {
    await using redis = await createTestRedis();
    await redis.start();
    const place = { open: () => createRedisStore(redis.url) };
    await using one = await watched(place);
    await using two = await watched(place);
    await one.store.commit(0, snapshotOf(1), entryOf(1, 'one'));
    // The look of a commit may be answered and the commit not: some of these are under way at any time.
    let isRunning = true;
    const acknowledged: string[] = [];
    const refused: { id: string; isUnknown: boolean }[] = [];
    const writers = [one, two].map(async ({ store }, writer) => {
      for (let each = 0; isRunning; each += 1) {
        const id = `${writer}-${each}`;
        try {
          const version = ((await store.read())?.snapshot.version ?? 0) + 1;
          const result = await store.commit(version - 1, snapshotOf(version), entryOf(version, id));
          if (result.kind === 'done') acknowledged.push(id);
        } catch (error) {
          assert.ok(error instanceof StoreAway);
          refused.push({ id, isUnknown: error.isUnknown });
          // What is refused at once leaves no time for anything else.
          await new Promise((resolve) => setTimeout(resolve, 5));
        }
      }
    });
    for (let round = 0; round < 3; round += 1) {
      const refusedBefore = refused.length;
      const doneBefore = acknowledged.length;
      await until(() => acknowledged.length > doneBefore + 20, { deadlineMs: SOON_MS });
      redis.pause();
      const isNoticed = () =>
        refused.length > refusedBefore && [one, two].every(({ seen }) => seen.away.length > round);
      await until(isNoticed, { deadlineMs: SOON_MS, what: 'a refusal, and being told' });
      redis.resume();
    }
    await until(() => one.store.read(), { deadlineMs: SOON_MS });
    isRunning = false;
    await Promise.all(writers);
    await until(() => one.store.read(), { deadlineMs: SOON_MS });
    const ids = new Set((await auditOf(one.store)).map(({ id }) => id));
    for (const id of acknowledged) assert.ok(ids.has(id), `${id} was acknowledged`);
    for (const { id, isUnknown } of refused) assert.ok(isUnknown || !ids.has(id), `${id} was refused`);
    await assertWhole(one.store, acknowledged.length);
  });
});

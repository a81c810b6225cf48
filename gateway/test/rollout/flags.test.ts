import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { appendFile, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { until } from '@banyan/stack/testing/until';
import { Redis } from 'ioredis';
import { FlagRefusal, type FlagRefusalKind } from '../../src/rollout/flag-refusal.ts';
import { StoreAway } from '../../src/rollout/flag-store.ts';
import type { Changed, Flags } from '../../src/rollout/flags.ts';
import { type Flag, INITIAL_SNAPSHOT } from '../../src/rollout/snapshot.ts';
import { createFlagStore } from '../../src/rollout/stores/create-flag-store.ts';
import { KEYS } from '../../src/rollout/stores/redis-scripts.ts';
import { createSnapshotRecord } from '../../src/rollout/stores/snapshot-record.ts';
import { createPartition } from '../support/partition.ts';
import { createTestRedis } from '../support/redis.ts';
import { runUntilKilled } from './support/crashing.ts';
import { AT_SERVICE, AT_SHADOW, author, entryOf, snapshotOf } from './support/entries.ts';
import { createReplicas, startFlags } from './support/replicas.ts';

/** For what takes moments on an idle machine. */
const SOON_MS = 45_000;
/** For commands to a Redis that is paused or cut off, as in production. */
const COMMAND_MS = 1_000;
/** Until one is effective. */
const FLIPS_MAX = 3;
/** For a refusal: every deadline on its way, and what a busy machine adds. */
const REFUSED_MS = 12_000;

function flip(
  flags: Flags,
  flag: Flag = AT_SERVICE,
  expectedVersion = flags.snapshot().version,
): Promise<Changed> {
  return flags.change({
    author,
    expectedVersion,
    action: 'set-route',
    target: 'getInvoice',
    flags: { getInvoice: flag },
    forced: false,
  });
}

/** Flips until all that are live serve it in time, which a busy machine may put off. */
async function flipEverywhere(flags: Flags, flag: Flag = AT_SERVICE): Promise<Changed> {
  const tries = async () => {
    const changed = await flip(flags, flag);
    return changed.effective ? changed : undefined;
  };
  return until(tries, { deadlineMs: SOON_MS, what: 'a flip that is effective' });
}

async function refusedAs(kind: FlagRefusalKind, work: Promise<unknown>): Promise<FlagRefusal> {
  const startedAt = performance.now();
  const error = await work.then(
    () => assert.fail(`was not refused as ${kind}`),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof FlagRefusal, String((error as Error).stack));
  assert.equal(error.kind, kind, error.message);
  assert.ok(performance.now() - startedAt < REFUSED_MS, 'was refused too late');
  return error;
}

const stateOf = (flags: Flags) => flags.status().state;

async function untilState(flags: Flags, state: ReturnType<typeof stateOf>): Promise<void> {
  await until(() => stateOf(flags) === state, { deadlineMs: SOON_MS, what: `${state}` });
}

async function untilVersion(replicas: readonly Flags[], version: number): Promise<void> {
  const areThere = () => replicas.every((flags) => flags.snapshot().version === version);
  await until(areThere, { deadlineMs: SOON_MS, what: `version ${version} everywhere` });
}

/** Versions 1 to 3, in a store that no replica has looked at. */
async function commitThree(dataDir: string): Promise<void> {
  const store = await createFlagStore({ dataDir, commandMs: SOON_MS });
  for (const version of [1, 2, 3]) await store.commit(version - 1, snapshotOf(version), entryOf(version));
  await store.stop();
}

const auditVersions = async (flags: Flags) =>
  (await flags.audit({ limit: 1_000 })).entries.flatMap(({ version }) => version ?? []);

describe('flags of a replica', { concurrency: 4 }, () => {
  it('are the initial ones where nothing is known, and the store’s after a restart', async () => {
    await using replicas = await createReplicas();
    const first = await replicas.start('one');
    assert.equal(first.snapshot(), INITIAL_SNAPSHOT);
    let changes = 0;
    first.onChange(() => {
      changes += 1;
    });
    const { snapshot, replicas: reports } = await flipEverywhere(first);
    const flips = snapshot.version;
    assert.ok(flips <= FLIPS_MAX, `${flips} flips until one was effective`);
    assert.deepEqual(snapshot.flags.getInvoice, AT_SERVICE);
    assert.deepEqual(
      reports.map(({ replica, version, recordedVersion }) => [replica, version, recordedVersion]),
      [['one', flips, flips]],
    );
    assert.deepEqual([first.snapshot().version, changes], [flips, flips]);
    assert.equal(first.status().stalenessMs !== undefined, true);
    await first.stop();
    const second = await replicas.start('one');
    assert.deepEqual(second.snapshot(), snapshot);
    assert.ok(Object.isFrozen(second.snapshot().flags.getInvoice));
  });

  it('are refused for another version than the one in force, and nothing changes', async () => {
    await using replicas = await createReplicas();
    const flags = await replicas.start('one');
    await flip(flags);
    const before = flags.snapshot();
    for (const version of [0, 2]) {
      const refusal = await refusedAs('stale-version', flip(flags, AT_SHADOW, version));
      assert.deepEqual(refusal.facts, { expected: version, current: 1 });
    }
    assert.equal(flags.snapshot(), before);
    assert.deepEqual(await auditVersions(flags), [1]);
  });

  it('are not taken for lost where the next change is heard of before the answer to this one', async () => {
    await using replicas = await createReplicas();
    const flags = await replicas.start('one', {
      wrap: (store) => ({
        ...store,
        commit: async (expected, snapshot, entry) => {
          const result = await store.commit(expected, snapshot, entry);
          await store.commit(
            expected + 1,
            { ...snapshot, version: expected + 2 },
            entryOf(expected + 2, 'next'),
          );
          return result;
        },
      }),
    });
    const { snapshot } = await flip(flags);
    assert.deepEqual([snapshot.version, flags.snapshot().version, stateOf(flags)], [1, 2, 'reachable']);
    const record = await readFile(join(replicas.folderOf('one'), 'snapshots.jsonl'), 'utf8');
    assert.match(record, /"version":1,/);
  });

  it('say in the audit who changed what from what to what', async () => {
    await using replicas = await createReplicas();
    const flags = await replicas.start('one');
    await flip(flags);
    await flags.change({
      author: { ...author, onBehalfOf: 'ann@desk' },
      expectedVersion: 1,
      action: 'set-carve-out',
      target: 'billing',
      flags: { getInvoice: AT_SERVICE, listInvoices: AT_SHADOW },
      forced: true,
    });
    const { entries, isLocal } = await flags.audit({ limit: 1 });
    const [{ id, at, ...entry } = assert.fail('no entry')] = entries;
    assert.ok(id !== '' && !Number.isNaN(Date.parse(at)) && !isLocal);
    assert.deepEqual(entry, {
      version: 2,
      by: 'tester',
      onBehalfOf: 'ann@desk',
      reason: 'because',
      action: 'set-carve-out',
      target: 'billing',
      from: { listInvoices: null },
      to: { listInvoices: AT_SHADOW },
      forced: true,
      replica: 'one',
      client: '127.0.0.1',
    });
  });

  it('come of its own record where the store is away or was emptied (invariant 1)', async () => {
    await using replicas = await createReplicas();
    const first = await replicas.start('one');
    await flip(first);
    await flip(first, AT_SHADOW);
    const { snapshot } = await flip(first);
    await first.stop();
    const file = join(replicas.folderOf('one'), 'flags.json');
    await rename(file, `${file}.aside`);
    const emptied = await replicas.start('one');
    assert.deepEqual([emptied.snapshot(), stateOf(emptied)], [snapshot, 'behind']);
    const refusal = await refusedAs('store-behind', flip(emptied));
    assert.deepEqual(refusal.facts, { held: 0, known: 3, replica: 'one' });
    // The audit that is known here, which says that it is no more than that.
    const { entries, isLocal } = await emptied.audit({ limit: 2 });
    assert.deepEqual([entries.map(({ version }) => version), isLocal], [[3, 2], true]);
    await emptied.stop();

    await mkdir(file);
    let told: unknown;
    const onChange = (flags: Flags) => {
      told = flags.snapshot();
    };
    const away = await replicas.start('one', { onChange });
    assert.deepEqual([away.snapshot(), stateOf(away)], [snapshot, 'away']);
    assert.equal(told, away.snapshot(), 'who decides by the flags is told of them, too');
    assert.equal(away.status().stalenessMs, undefined);
    await refusedAs('store-away', flip(away));
    await rm(file, { recursive: true });
    await rename(`${file}.aside`, file);
    await untilState(away, 'reachable');
    assert.equal((await flip(away)).snapshot.version, 4);
  });

  it('are not changed before the others had time to report what the store may have lost (invariant 5)', async () => {
    await using replicas = await createReplicas();
    const startedAt = performance.now();
    const other = { replica: 'other', version: 9, recordedVersion: 9, kills: 0, at: snapshotOf(1).at };
    const flags = await replicas.start('one', {
      wrap: (store) => ({
        ...store,
        settleMs: 1_000,
        replicas: async () => (performance.now() - startedAt > 900 ? [other] : []),
      }),
    });
    const refusal = await refusedAs('store-behind', flip(flags));
    assert.deepEqual(refusal.facts, { held: 0, known: 9, replica: 'other' });
    assert.equal(flags.snapshot(), INITIAL_SNAPSHOT);
  });

  it('are refused as stale, not as lost, where another flip is made here while the store is asked', async () => {
    await using replicas = await createReplicas();
    // The answer to the question comes together with that to the flip, and is read after, amid or before it.
    for (let turns = 0; turns < 16; turns += 1) {
      const asked = Promise.withResolvers<void>();
      const made = Promise.withResolvers<void>();
      let reads = 0;
      const flags = await replicas.start(`one ${turns}`, {
        wrap: (store) => ({
          ...store,
          // Told of it by nothing but the answer to the flip.
          start: (events) => store.start({ ...events, onSnapshot: () => {} }),
          commit: async (...change) => {
            await asked.promise;
            const result = await store.commit(...change);
            made.resolve();
            for (let turn = 0; turn < turns; turn += 1) await undefined;
            return result;
          },
          read: async () => {
            const held = await store.read();
            reads += 1;
            if (reads !== 2) return held;
            asked.resolve();
            await made.promise;
            return held;
          },
        }),
      });
      const first = flip(flags, AT_SERVICE, 0);
      await refusedAs('stale-version', flip(flags, AT_SHADOW, 0));
      assert.equal((await first).snapshot.version, 1);
    }
  });

  it('have a record without a gap, also where the store did not say at once what was missed', async () => {
    await using replicas = await createReplicas();
    const dataDir = replicas.folderOf('one');
    await commitThree(dataDir);
    let asked = 0;
    const flags = await replicas.start('one', {
      wrap: (inner) => ({
        ...inner,
        audit: async (query) => {
          asked += 1;
          if (asked === 1) throw new StoreAway('not now');
          return inner.audit(query);
        },
      }),
    });
    assert.equal(flags.snapshot().version, 3);
    const record = createSnapshotRecord(join(dataDir, 'snapshots.jsonl'), () => {});
    const versions = async () => (await record.entries()).map(({ version }) => version).join();
    await until(async () => (await versions()) === '1,2,3', { deadlineMs: SOON_MS, what: 'no gap' });
  });

  it('stay what they are where the store holds no snapshot (invariant 2)', async () => {
    await using replicas = await createReplicas();
    const flags = await replicas.start('one');
    const { snapshot } = await flip(flags);
    const file = join(replicas.folderOf('one'), 'flags.json');
    const good = await readFile(file, 'utf8');
    const bad = good.replace('"version":1', '"version":9').replace('"service"', '"elsewhere"');
    await writeFile(file, bad);
    await untilState(flags, 'corrupt');
    assert.deepEqual(flags.snapshot(), snapshot);
    const refusal = await refusedAs('store-away', flip(flags));
    assert.match(refusal.message, /holds what is no snapshot .*flags\.getInvoice\.stage/);
    await refusedAs('store-away', flags.restore(author));
    assert.equal(await readFile(file, 'utf8'), bad);
    await writeFile(file, good);
    await untilState(flags, 'reachable');
    await flip(flags);
  });

  it('are killed before anything is waited for, on disk when it is acknowledged, until lifted (invariant 6)', async () => {
    await using replicas = await createReplicas();
    const flags = await replicas.start('one');
    let told = 0;
    flags.onChange(() => {
      told += 1;
    });
    const killing = flags.kill('billing', author);
    assert.deepEqual([flags.kills()[0]?.target, told], ['billing', 1]);
    const kill = await killing;
    const kept = join(replicas.folderOf('one'), 'kills.json');
    assert.deepEqual(JSON.parse(await readFile(kept, 'utf8')), [kill]);
    await flip(flags);
    assert.deepEqual(flags.kills(), [kill]);
    await flags.stop();

    const again = await replicas.start('one');
    assert.deepEqual(again.kills(), [kill]);
    await refusedAs('unknown-kill', again.liftKill('another', author));
    await again.liftKill(kill.id, author);
    assert.deepEqual([again.kills(), JSON.parse(await readFile(kept, 'utf8'))], [[], []]);
    await refusedAs('unknown-kill', again.liftKill(kill.id, author));
    const { entries } = await again.audit({ limit: 10 });
    assert.deepEqual(
      entries.map(({ action, target }) => `${action} ${target}`),
      ['lift-kill billing', 'set-route getInvoice', 'kill billing'],
    );
  });

  it('keep each of many kills at once, and lift none but those that are lifted', async () => {
    await using replicas = await createReplicas();
    const flags = await replicas.start('one');
    const some = await Promise.all(Array.from({ length: 20 }, (_, each) => flags.kill(`a${each}`, author)));
    const more = Array.from({ length: 20 }, (_, each) => flags.kill(`b${each}`, author));
    await Promise.all([...some.map(({ id }) => flags.liftKill(id, author)), ...more]);
    const targets = Array.from({ length: 20 }, (_, each) => `b${each}`);
    assert.deepEqual(
      flags.kills().map(({ target }) => target),
      targets,
    );
    await flags.stop();
    const again = await replicas.start('one');
    assert.deepEqual(
      again.kills().map(({ target }) => target),
      targets,
    );
    assert.equal((await again.audit({ limit: 1_000 })).entries.length, 60);
  });

  it('are killed where the disk takes nothing more, which is said, and noted', async () => {
    await using replicas = await createReplicas();
    const flags = await replicas.start('one');
    const inTheWay = join(replicas.folderOf('one'), 'kills.json.new');
    await mkdir(inTheWay, { recursive: true });
    await assert.rejects(flags.kill('billing', author), /in force, and could not be kept/);
    const [kill] = flags.kills();
    assert.equal(kill?.target, 'billing');
    await assert.rejects(flags.liftKill(kill.id, author), { code: 'EISDIR' });
    assert.deepEqual(flags.kills(), [kill]);
    assert.deepEqual(
      (await flags.audit({ limit: 9 })).entries.map(({ action }) => action),
      ['kill'],
    );
    await rm(inTheWay, { recursive: true });
    await flags.liftKill(kill.id, author);
    assert.deepEqual(flags.kills(), []);
  });

  it('count as killed altogether where the kills on disk cannot be read, and that file is kept', async () => {
    await using replicas = await createReplicas();
    const folder = replicas.folderOf('one');
    await mkdir(folder);
    await writeFile(join(folder, 'kills.json'), '[{"id":');
    const flags = await replicas.start('one');
    assert.deepEqual(
      flags.kills().map(({ target }) => target),
      ['*'],
    );
    const aside = (await readdir(folder)).find((name) => name.startsWith('kills.json.damaged'));
    assert.equal(await readFile(join(folder, aside ?? ''), 'utf8'), '[{"id":');
    const [kill] = flags.kills();
    await flags.stop();
    const again = await replicas.start('one');
    assert.deepEqual(again.kills(), [kill]);
    await again.liftKill(kill?.id ?? '', author);
    assert.deepEqual(again.kills(), []);
  });

  it('and what else is noted wait on disk for a store that is away (invariant 7)', async () => {
    await using replicas = await createReplicas();
    const flags = await replicas.start('one');
    await flip(flags);
    const file = join(replicas.folderOf('one'), 'flags.json');
    await rename(file, `${file}.aside`);
    await mkdir(file);
    await untilState(flags, 'away');
    await flags.kill('billing', author);
    await flags.note({ action: 'mint-override', target: 'getInvoice' }, author);
    assert.equal(flags.status().pendingAudit, 2);
    const local = await flags.audit({ limit: 10 });
    assert.deepEqual(
      [local.entries.map(({ action }) => action), local.isLocal],
      [['mint-override', 'kill', 'set-route'], true],
    );
    await flags.stop();
    const again = await replicas.start('one');
    assert.equal(again.status().pendingAudit, 2);
    await rm(file, { recursive: true });
    await rename(`${file}.aside`, file);
    await until(() => again.status().pendingAudit === 0, { deadlineMs: SOON_MS, what: 'the merge' });
    const merged = await again.audit({ limit: 10 });
    assert.deepEqual([merged.entries, merged.isLocal], [local.entries, false]);
  });

  it('write nothing more once they have stopped: what they were giving the store is off their disk', async () => {
    await using replicas = await createReplicas();
    const taken = Promise.withResolvers<void>();
    const flags = await replicas.start('one', {
      wrap: (store) => ({
        ...store,
        append: async (entries) => {
          await taken.promise;
          await store.append(entries);
        },
      }),
    });
    await flags.note({ action: 'mint-override', target: 'getInvoice' }, author);
    const stopped = flags.stop();
    taken.resolve();
    await stopped;
    const pending = readFileSync(join(replicas.folderOf('one'), 'pending-audit.json'), 'utf8');
    assert.deepEqual(JSON.parse(pending), []);
  });

  it('write nothing more once they have stopped: what they had missed is on their record', async () => {
    await using replicas = await createReplicas();
    const dataDir = replicas.folderOf('one');
    await commitThree(dataDir);
    const asked = Promise.withResolvers<void>();
    const told = Promise.withResolvers<void>();
    const flags = await replicas.start('one', {
      wrap: (inner) => ({
        ...inner,
        audit: async (query) => {
          const entries = await inner.audit(query);
          asked.resolve();
          await told.promise;
          return entries;
        },
        stop: async () => {
          await inner.stop();
          setImmediate(told.resolve);
        },
      }),
    });
    await asked.promise;
    await flags.stop();
    const lines = readFileSync(join(dataDir, 'snapshots.jsonl'), 'utf8').trimEnd().split('\n');
    assert.deepEqual(lines.map((line) => JSON.parse(line).entry.version).sort(), [1, 2, 3]);
  });

  it('are all there after a crash: what was acknowledged is neither lost nor undone (invariants 3, 6, 7)', async () => {
    await using replicas = await createReplicas();
    const said: string[] = [];
    for (const linesWanted of [2, 9, 40]) {
      const lines = await runUntilKilled('flip-forever.ts', [replicas.folderOf('crashing')], linesWanted);
      said.push(...lines);
      const flags = await replicas.start('crashing');
      await assertAcknowledged(flags, said);
      await flags.stop();
    }
  });
});

/** What `flip-forever.ts` said holds. */
async function assertAcknowledged(flags: Flags, said: readonly string[]): Promise<void> {
  const of = (word: string) =>
    said.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
  const version = Math.max(...of('version').map(Number));
  assert.ok(flags.snapshot().version >= version);
  const kills = new Set(flags.kills().map(({ id }) => id));
  const [lifting, lifted] = [new Set(of('lifting')), new Set(of('lift'))];
  for (const id of of('kill')) {
    if (lifted.has(id)) assert.ok(!kills.has(id), `kill ${id} was lifted`);
    else if (!lifting.has(id)) assert.ok(kills.has(id), `kill ${id} was not lifted`);
  }
  await until(() => flags.status().pendingAudit === 0, { deadlineMs: SOON_MS, what: 'the merge' });
  const { entries } = await flags.audit({ limit: 1_000 });
  const versions = entries.flatMap((entry) => entry.version ?? []);
  assert.deepEqual(
    versions,
    Array.from({ length: flags.snapshot().version }, (_, each) => versions.length - each),
  );
  assert.ok(entries.filter(({ action }) => action === 'kill').length >= of('kill').length);
  assert.ok(entries.filter(({ action }) => action === 'lift-kill').length >= lifted.size);
}

describe('the audit of replicas whose clocks differ', () => {
  const HOUR_MS = 3_600_000;

  it('has every version behind the one before it, and what was done while away where it was done', async () => {
    await using redis = await createTestRedis({ keepsData: true });
    await redis.start();
    await using replicas = await createReplicas(redis.url);
    const ahead = await replicas.start('ahead', { now: () => Date.now() + HOUR_MS });
    const behind = await replicas.start('behind', { now: () => Date.now() - HOUR_MS });
    await flip(ahead);
    await untilVersion([behind], 1);
    await flip(behind, AT_SHADOW);
    await untilVersion([ahead], 2);
    await redis.kill();
    await Promise.all([ahead, behind].map((flags) => untilState(flags, 'away')));
    const kill = await behind.kill('billing', author);
    const { entries: alone } = await behind.audit({ limit: 1 });
    assert.equal(alone[0]?.action, 'kill');
    await redis.start();
    await Promise.all([ahead, behind].map((flags) => untilState(flags, 'reachable')));
    await until(() => behind.status().pendingAudit === 0, { deadlineMs: SOON_MS, what: 'the merge' });
    await flip(behind);
    await untilVersion([ahead], 3);
    await behind.liftKill(kill.id, author);
    await until(() => behind.status().pendingAudit === 0, { deadlineMs: SOON_MS, what: 'the lift' });
    for (const flags of [ahead, behind]) {
      const { entries } = await flags.audit({ limit: 10 });
      assert.deepEqual(
        entries.map(({ action, version }) => `${action} ${version}`),
        ['lift-kill null', 'set-route 3', 'kill null', 'set-route 2', 'set-route 1'],
      );
      const moments = entries.map(({ at }) => Date.parse(at));
      assert.deepEqual(
        moments,
        moments.toSorted((one, other) => other - one),
      );
    }
  });

  it('has what waited for the store where it belongs, behind a restore and a flip that came first', async () => {
    await using replicas = await createReplicas();
    let isHeldBack = false;
    const one = await replicas.start('one', {
      wrap: (store) => ({
        ...store,
        append: (entries) => {
          const isNote = entries.every(({ version }) => version === null);
          return isHeldBack && isNote ? Promise.reject(new StoreAway('held back')) : store.append(entries);
        },
      }),
    });
    await flip(one);
    isHeldBack = true;
    await one.kill('billing', author);
    assert.equal(one.status().pendingAudit, 1);
    await flip(one, AT_SHADOW);
    await rm(join(replicas.folderOf('one'), 'flags.json'));
    await untilState(one, 'behind');
    await one.restore(author);
    isHeldBack = false;
    await until(() => one.status().pendingAudit === 0, { deadlineMs: SOON_MS, what: 'the merge' });
    const { entries, isLocal } = await one.audit({ limit: 10 });
    assert.deepEqual(
      [isLocal, ...entries.map(({ action, version }) => `${action} ${version}`)],
      [false, 'restore 3', 'set-route 2', 'kill null', 'set-route 1'],
    );
    const record = createSnapshotRecord(join(replicas.folderOf('one'), 'snapshots.jsonl'), () => {});
    const recorded = await record.entries();
    assert.deepEqual(recorded, entries.toReversed());
  });
});

describe('the record of snapshots', () => {
  it('loses of a crash no more than the line that was being written', async () => {
    await using replicas = await createReplicas();
    const path = join(replicas.folderOf('one'), 'snapshots.jsonl');
    const faults: string[] = [];
    const open = () => createSnapshotRecord(path, (what) => faults.push(what));
    const first = open();
    assert.equal(await first.open(), undefined);
    await first.append([{ snapshot: snapshotOf(1), entry: entryOf(1, 'a') }]);
    await first.append([
      { entry: entryOf(null, 'b', 1) },
      { snapshot: snapshotOf(2), entry: entryOf(2, 'c') },
    ]);
    await first.close();
    const whole = await readFile(path, 'utf8');
    for (const torn of ['{"snapshot":{"version":3,"re\u00e4', '\u0000\u0000', '{', 'x'.repeat(9_000)]) {
      await writeFile(path, whole);
      await appendFile(path, torn);
      const again = open();
      assert.equal((await again.open())?.snapshot.version, 2);
      await again.append([{ snapshot: snapshotOf(3), entry: entryOf(3, 'd') }]);
      assert.deepEqual(
        (await again.entries()).map(({ id }) => id),
        ['a', 'b', 'c', 'd'],
      );
      await again.close();
      const text = await readFile(path, 'utf8');
      assert.ok(text.startsWith(whole) && text.endsWith('\n') && text.split('\n').length === 5);
      const third = open();
      assert.equal((await third.open())?.snapshot.version, 3);
      await third.close();
    }
    assert.deepEqual(faults, []);
    // Whole but for its end: it may have been served, so it counts.
    await writeFile(path, whole + JSON.stringify({ snapshot: snapshotOf(3), entry: entryOf(3, 'd') }));
    const last = open();
    assert.equal((await last.open())?.snapshot.version, 3);
    await last.close();
    assert.equal((await readFile(path, 'utf8')).split('\n').length, 5);
  });

  it('leaves out lines that are none, and says so', async () => {
    await using replicas = await createReplicas();
    const path = join(replicas.folderOf('one'), 'snapshots.jsonl');
    await mkdir(replicas.folderOf('one'));
    const good = JSON.stringify({ snapshot: snapshotOf(1), entry: entryOf(1, 'a') });
    const bad = good.replaceAll('"version":1', '"version":8').replaceAll('"service"', '"elsewhere"');
    await writeFile(path, `${good}\n${bad}\nnonsense\n`);
    const faults: string[] = [];
    const record = createSnapshotRecord(path, (what) => faults.push(what));
    assert.equal((await record.open())?.snapshot.version, 1);
    assert.match(faults.join(), /2 lines/);
    await record.close();
  });

  it('is bounded: it keeps the highest snapshot and the newest entries', async () => {
    await using replicas = await createReplicas();
    const path = join(replicas.folderOf('one'), 'snapshots.jsonl');
    const bounds = { linesMax: 20, bytesMax: 1_000_000, entriesKept: 10 };
    const record = createSnapshotRecord(path, () => {}, bounds);
    await record.open();
    for (let version = 1; version <= 30; version += 1) {
      await record.append([{ snapshot: snapshotOf(version), entry: entryOf(version, `v${version}`) }]);
      await record.append([{ entry: entryOf(null, `w${version}`, version) }]);
    }
    const ids = (await record.entries()).map(({ id }) => id);
    assert.ok(ids.length >= 10 && ids.length <= 20);
    assert.deepEqual(ids.slice(-4), ['v29', 'w29', 'v30', 'w30']);
    await record.close();
    const again = createSnapshotRecord(path, () => {}, bounds);
    assert.equal((await again.open())?.snapshot.version, 30);
    // Also right after it was compacted.
    await again.append(Array.from({ length: 21 }, () => ({ entry: entryOf(null) })));
    await again.close();
    const last = createSnapshotRecord(path, () => {}, bounds);
    assert.equal((await last.open())?.snapshot.version, 30);
    await last.close();
  });
});

describe('flags of several replicas over Redis', { concurrency: 4 }, () => {
  it('converge on every flip, and say so', async (test: TestContext) => {
    await using redis = await createTestRedis();
    await redis.start();
    await using replicas = await createReplicas(redis.url);
    const names = ['one', 'two', 'three'];
    const all = await Promise.all(names.map((name) => replicas.start(name)));
    const [one, two, three] = all as [Flags, Flags, Flags];
    await until(async () => (await one.replicas()).replicas.length === 3, { deadlineMs: SOON_MS });
    const adopted: number[] = [];
    let committedAt = 0;
    let effectiveFlips = 0;
    three.onChange(() => adopted.push(performance.now() - committedAt));
    for (let round = 1; round <= 30; round += 1) {
      committedAt = performance.now();
      const {
        snapshot,
        effective,
        replicas: reports,
      } = await flip(round % 2 ? one : two, AT_SERVICE, round - 1);
      assert.equal(snapshot.version, round);
      assert.deepEqual(
        reports.map(({ replica }) => replica),
        names.toSorted(),
      );
      // On a busy machine it may take longer than a second; then it is said.
      assert.equal(
        effective,
        reports.every((each) => each.version >= round),
        JSON.stringify(reports),
      );
      if (effective) effectiveFlips += 1;
      await untilVersion(all, round);
      assert.deepEqual(
        all.map((flags) => flags.snapshot()),
        [snapshot, snapshot, snapshot],
      );
    }
    assert.ok(effectiveFlips > 0);
    adopted.sort((a, b) => a - b);
    test.diagnostic(`begun at one replica, adopted at another: median ${adopted[15]?.toFixed(1)} ms`);
    assert.deepEqual(
      await auditVersions(three),
      Array.from({ length: 30 }, (_, each) => 30 - each),
    );
  });

  it('are changed by one of many at once, and the others are told which version holds', async () => {
    await using redis = await createTestRedis();
    await redis.start();
    await using replicas = await createReplicas(redis.url);
    const all = await Promise.all(['one', 'two', 'three'].map((name) => replicas.start(name)));
    for (let version = 0; version < 5; version += 1) {
      await untilVersion(all, version);
      const tries = all.flatMap((flags) => [
        flip(flags, AT_SERVICE, version),
        flip(flags, AT_SHADOW, version),
      ]);
      const results = await Promise.allSettled(tries);
      assert.equal(results.filter(({ status }) => status === 'fulfilled').length, 1);
      for (const result of results) {
        if (result.status === 'fulfilled') continue;
        assert.equal((result.reason as FlagRefusal).kind, 'stale-version', String(result.reason));
      }
    }
  });

  for (const how of ['killed', 'paused'] as const) {
    it(`stand while Redis is ${how}: no flip, every kill, also across a restart; then they converge`, async () => {
      await using redis = await createTestRedis({ keepsData: true });
      await redis.start();
      await using replicas = await createReplicas(redis.url);
      const options = how === 'paused' ? { commandMs: COMMAND_MS } : {};
      const one = await replicas.start('one', options);
      const two = await replicas.start('two', options);
      const { snapshot } = await flipEverywhere(one);
      const { version } = snapshot;
      await untilVersion([two], version);
      const areOnDisk = async () =>
        (await one.replicas()).replicas.every((each) => each.recordedVersion === version);
      await until(areOnDisk, { deadlineMs: SOON_MS, what: 'the records' });
      if (how === 'killed') await redis.kill();
      else redis.pause();
      const refusal = await refusedAs('store-away', flip(one, AT_SHADOW));
      assert.equal(refusal.facts.outcome, 'unchanged');
      await refusedAs('store-away', flip(two, AT_SHADOW));
      await untilState(one, 'away');
      const kill = await one.kill('billing', author);
      assert.deepEqual(one.kills(), [kill]);
      assert.equal((await one.audit({ limit: 5 })).isLocal, true);
      const alone = await one.replicas();
      assert.deepEqual([alone.replicas.map(({ replica }) => replica), alone.isLocal], [['one'], true]);
      const stoppedAt = performance.now();
      await two.stop();
      assert.ok(performance.now() - stoppedAt < REFUSED_MS);
      const again = await replicas.start('two', { ...options, limitMs: 100 });
      assert.deepEqual(again.snapshot(), snapshot);
      const staleness = one.status().stalenessMs ?? 0;
      await until(() => (one.status().stalenessMs ?? 0) > staleness, { deadlineMs: SOON_MS });

      if (how === 'killed') await redis.start();
      else redis.resume();
      await Promise.all([one, again].map((flags) => untilState(flags, 'reachable')));
      await until(() => one.status().pendingAudit === 0, { deadlineMs: SOON_MS, what: 'the merge' });
      // What was refused is not done late (invariant 4).
      assert.deepEqual([one.snapshot(), again.snapshot()], [snapshot, snapshot]);
      const after = (await flipEverywhere(again, AT_SHADOW)).snapshot.version;
      await untilVersion([one], after);
      assert.deepEqual(one.kills(), [kill]);
      const { entries } = await one.audit({ limit: 50 });
      const actions = entries.map(({ action }) => action);
      assert.deepEqual(actions.slice(after - version), [
        'kill',
        ...Array.from({ length: version }, () => 'set-route'),
      ]);
    });
  }

  it('give an emptied Redis back what was lost, by an order to the replica that knows most (invariant 5)', async () => {
    await using redis = await createTestRedis();
    await redis.start();
    await using network = await createPartition(Number(new URL(redis.url).port));
    await using replicas = await createReplicas(redis.url);
    const most = await replicas.start('most');
    const less = await replicas.start('less', {
      redisUrl: `redis://127.0.0.1:${network.port}`,
      commandMs: COMMAND_MS,
    });
    await flip(most);
    await untilVersion([less], 1);
    await refusedAs('nothing-to-restore', most.restore(author));
    network.cut();
    await flip(most, AT_SHADOW);
    const { snapshot } = await flip(most);
    await most.kill('billing', author);
    await until(() => most.status().pendingAudit === 0, { deadlineMs: SOON_MS });
    await redis.kill();
    await redis.start();
    network.healAnew();
    const fresh = await replicas.start('fresh');
    await Promise.all([most, less].map((flags) => untilState(flags, 'behind')));
    assert.deepEqual([most.snapshot(), less.snapshot().version], [snapshot, 1]);
    await refusedAs('store-behind', flip(most));
    await refusedAs('store-behind', flip(less));
    // It knows nothing itself, and hears of those that do.
    const refusal = await refusedAs('store-behind', flip(fresh));
    assert.equal(refusal.facts.held, 0);
    const lesser = await refusedAs('nothing-to-restore', less.restore(author));
    assert.deepEqual(lesser.facts, { own: 1, replica: 'most', version: 3 });

    const restored = await most.restore(author);
    assert.deepEqual([restored.snapshot.version, restored.snapshot.flags], [4, snapshot.flags]);
    await untilVersion([most, less, fresh], 4);
    assert.deepEqual([most, less, fresh].map(stateOf), ['reachable', 'reachable', 'reachable']);
    const { entries } = await fresh.audit({ limit: 10 });
    assert.deepEqual(
      entries.map(({ action, version }) => `${action} ${version}`),
      ['restore 4', 'kill null', 'set-route 3', 'set-route 2', 'set-route 1'],
    );
    await flipEverywhere(less);
  });

  it('are told of a replica that is cut off: not effective; it is refused, can be killed, and catches up', async () => {
    await using redis = await createTestRedis();
    await redis.start();
    await using network = await createPartition(Number(new URL(redis.url).port));
    await using replicas = await createReplicas(redis.url);
    const one = await replicas.start('one');
    const two = await replicas.start('two', {
      redisUrl: `redis://127.0.0.1:${network.port}`,
      commandMs: COMMAND_MS,
    });
    await flip(one);
    await untilVersion([two], 1);
    network.cut();
    const changed = await flip(one, AT_SHADOW);
    assert.equal(changed.effective, false);
    assert.deepEqual(
      changed.replicas.map(({ replica, version }) => `${replica} ${version}`),
      ['one 2', 'two 1'],
    );
    await refusedAs('store-away', flip(two));
    await two.kill('billing', author);
    await untilState(two, 'away');
    assert.equal(two.snapshot().version, 1);
    const isAlone = async () => (await one.replicas()).replicas.length === 1;
    await until(isAlone, { deadlineMs: SOON_MS, what: 'forgetting who is cut off' });
    const { version } = (await flipEverywhere(one)).snapshot;
    network.heal();
    await untilVersion([two], version);
    await until(() => two.status().pendingAudit === 0, { deadlineMs: SOON_MS, what: 'the merge' });
    assert.deepEqual(
      await auditVersions(one),
      Array.from({ length: version }, (_, each) => version - each),
    );
    // The record of who was cut off has no gap: it asks for what it missed.
    const record = join(replicas.folderOf('two'), 'snapshots.jsonl');
    const hasNoGap = async () => /"version":2/.test(await readFile(record, 'utf8'));
    await until(hasNoGap, { deadlineMs: SOON_MS, what: 'a record without a gap' });
    await flipEverywhere(two);
  });

  it('converge after Redis flapped: what was acknowledged is there, what was refused is not', async () => {
    await using redis = await createTestRedis({ keepsData: true });
    await redis.start();
    await using replicas = await createReplicas(redis.url);
    const all = await Promise.all(['one', 'two'].map((name) => replicas.start(name)));
    const [one] = all as [Flags];
    const acknowledged: number[] = [];
    let kills = 0;
    let isFlapping = true;
    const flipping = all.map(async (flags) => {
      while (isFlapping) {
        try {
          acknowledged.push((await flip(flags)).snapshot.version);
        } catch (error) {
          assert.ok(error instanceof FlagRefusal, String(error));
          assert.ok(['store-away', 'stale-version', 'store-behind'].includes(error.kind), error.message);
          await flags.kill('billing', author);
          kills += 1;
        }
      }
    });
    for (const calmMs of [2_500, 50, 300, 10, 2_500]) {
      await new Promise((resolve) => setTimeout(resolve, calmMs));
      await redis.kill();
      await redis.start();
    }
    isFlapping = false;
    await Promise.all(flipping);
    const version = (await until(() => flip(one), { deadlineMs: SOON_MS, what: 'a flip' })).snapshot.version;
    await untilVersion(all, version);
    const versions = await auditVersions(one);
    assert.deepEqual(
      versions,
      Array.from({ length: version }, (_, each) => version - each),
    );
    assert.equal(new Set(acknowledged).size, acknowledged.length, 'no version was acknowledged twice');
    assert.ok(acknowledged.length > 0 && kills > 0);
    for (const flags of all) {
      await until(() => flags.status().pendingAudit === 0, { deadlineMs: SOON_MS, what: 'the merge' });
    }
  });

  it('stay what they are where Redis holds no snapshot, and go on when it does again', async () => {
    await using redis = await createTestRedis();
    await redis.start();
    await using replicas = await createReplicas(redis.url);
    const flags = await replicas.start('one');
    const { snapshot } = await flip(flags);
    const client = new Redis(redis.url);
    const good = (await client.get(KEYS.held)) ?? '';
    for (const bad of ['{}', good.replaceAll('"version":1', '"version":-1')]) {
      await client.set(KEYS.held, bad);
      await untilState(flags, 'corrupt');
      await refusedAs('store-away', flip(flags));
      assert.deepEqual([flags.snapshot(), await client.get(KEYS.held)], [snapshot, bad]);
      await client.set(KEYS.held, good);
      await untilState(flags, 'reachable');
    }
    // What is published by whoever is believed as little as what is held.
    await client.publish('{banyan:flags}:changed', good.replaceAll('"version":1', '"version":7.5'));
    await client.publish('{banyan:flags}:changed', 'nonsense');
    await client.del(KEYS.held);
    await client.lpush(KEYS.held, 'a list');
    await untilState(flags, 'corrupt');
    assert.deepEqual(flags.snapshot(), snapshot);
    await client.del(KEYS.held);
    await untilState(flags, 'behind');
    assert.equal((await flags.restore(author)).snapshot.version, 2);
    client.disconnect();
  });

  it('are all there after a crash of a replica, with Redis away too (invariants 3, 6, 7)', async () => {
    await using redis = await createTestRedis({ keepsData: true });
    await redis.start();
    await using replicas = await createReplicas(redis.url);
    const lines = await runUntilKilled('flip-forever.ts', [replicas.folderOf('crashing'), redis.url], 30);
    await redis.kill();
    const away = await startFlags({
      redisUrl: redis.url,
      dataDir: replicas.folderOf('crashing'),
      name: 'crashing',
      limitMs: 100,
    });
    const acknowledged = lines.filter((line) => line.startsWith('version')).length;
    assert.ok(away.snapshot().version >= acknowledged);
    await redis.start();
    await untilState(away, 'reachable');
    await assertAcknowledged(away, lines);
    await away.stop();
  });

  it('leave nothing behind when they stop, whatever Redis does', async () => {
    await using redis = await createTestRedis();
    await redis.start();
    await using replicas = await createReplicas(redis.url);
    for (const prepare of [() => {}, redis.pause, redis.kill]) {
      const flags = await replicas.start(`stopped-${prepare.name}`, { limitMs: 1_000 });
      await prepare();
      const stoppedAt = performance.now();
      await flags.stop();
      assert.ok(performance.now() - stoppedAt < REFUSED_MS);
    }
  });
});

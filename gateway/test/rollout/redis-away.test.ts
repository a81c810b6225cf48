import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { freePort } from '@banyan/stack/testing/free-port';
import { until } from '@banyan/stack/testing/until';
import { banyan } from '../cli/support/banyan.ts';
import { createRandom, seedOfRun } from '../datapath/fuzz/mutate.ts';
import { createPartition, type Partition } from '../support/partition.ts';
import { type Fleet, PATIENT_MS, readAudit, readiness, startFleet } from './fleet/fleet.ts';
import {
  assertFewAskedInVain,
  introduceAccounts,
  type Load,
  startLoad,
  untilNobodyIsTold,
} from './fleet/load.ts';
import { CARVE_OUTS } from './fleet/operations.ts';
import { replay } from './fleet/oracle.ts';
import { OPERATOR, type Replica } from './fleet/replica.ts';
import { createStandstills, type Standstills } from './fleet/standstills.ts';

const PER_SECOND = 50;
/** Nine tenths of the answers. Who waits for Redis waits while it is away, or for its deadline of a second. */
const ANSWER_MS = 900;
const FLAPS = 4;
const SOON = { deadlineMs: PATIENT_MS };

/** Acknowledged, and to be found in the audit at the end: reasons. */
const made: string[] = [];
/** Refused as unchanged, and never to be found. */
const refused: string[] = [];

describe('with Redis away, whole gateways under load', () => {
  const started = new AsyncDisposableStack();
  let fleet: Fleet;
  let load: Load;
  let standstills: Standstills;
  let partition: Partition;
  let near: Replica;
  let far: Replica;

  before(async () => {
    fleet = started.use(
      await startFleet({
        names: ['near', 'far'],
        redisKeepsData: true,
        optionsOf: async (name, redis) => {
          const port = String(await freePort());
          if (name === 'near') return { port };
          partition = started.use(await createPartition(Number(new URL(redis.url).port)));
          return { port, redisUrl: `redis://127.0.0.1:${partition.port}` };
        },
      }),
    );
    [near, far] = fleet.replicas as [Replica, Replica];
    for (const carveOut of CARVE_OUTS) await flipped(near, `/carve-outs/${carveOut}`, `begin ${carveOut}`);
    await Promise.all([near, far].map(introduceAccounts));
    const random = createRandom(seedOfRun());
    standstills = started.use(createStandstills());
    const { token, replicas, backends } = fleet;
    load = started.use(
      startLoad(replicas, { perSecond: PER_SECOND, random, token, revisionOf: backends.revisionOf }),
    );
  });
  after(() => started.disposeAsync());

  it('killed: traffic stands, flips are refused, kills work, and a restart keeps flags and kills (invariants 2, 7)', async () => {
    await unharmed(async () => {
      const { version } = await snapshotOf(near);
      await fleet.redis.kill();
      await untilState('away', near, far);
      for (const replica of [near, far]) await assertRefused(replica, 'store-away');
      const killed = await killedHere(near, 'flights');
      const everywhere = await banyan(
        ['kill', 'hotels', '--reason', reasonOf('by the CLI'), '--url', near.adminUrl, '--url', far.adminUrl],
        { BANYAN_ADMIN_TOKEN: OPERATOR },
      );
      assert.equal(everywhere.status, 0, everywhere.err);
      assert.deepEqual(await sidesOf(near), ['monolith', 'monolith']);
      assert.deepEqual(await sidesOf(far), ['flights', 'monolith']);

      await load.leave(far);
      far.process.child.kill('SIGTERM');
      assert.equal(await far.process.exited(), 0);
      far = await fleet.restart(far);
      await introduceAccounts(far);
      load.join(far);
      assert.equal((await snapshotOf(far)).version, version);
      assert.deepEqual(await sidesOf(far), ['flights', 'monolith']);
      await untilState('away', far);

      await fleet.redis.start();
      await untilState('reachable', near, far);
      await lifted(near, killed);
      const lift = await banyan(
        [
          'kill',
          '--lift',
          'hotels',
          '--reason',
          reasonOf('lifted'),
          '--url',
          near.adminUrl,
          '--url',
          far.adminUrl,
        ],
        { BANYAN_ADMIN_TOKEN: OPERATOR },
      );
      assert.equal(lift.status, 0, lift.err);
      for (const replica of [near, far]) assert.deepEqual(await sidesOf(replica), ['flights', 'hotels']);
      await flipped(far, '/routes/getRooms', 'after the crash');
    });
  });

  it('paused: nobody waits for it but flips, which are refused and not made when it goes on (invariants 2, 7)', async () => {
    await unharmed(async () => {
      fleet.redis.pause();
      const [, killed] = await Promise.all([assertRefused(near, 'store-away'), killedHere(far, 'flights')]);
      await untilState('away', near, far);
      assert.deepEqual(await sidesOf(far), ['monolith', 'hotels']);
      fleet.redis.resume();
      await untilState('reachable', near, far);
      await lifted(far, killed);
    });
  });

  it('coming and going: a flip is made or refused by name, and replicas come together after it (invariants 2, 7)', async () => {
    await unharmed(async () => {
      for (let flap = 0; flap < FLAPS; flap += 1) {
        await fleet.redis.kill();
        const reason = `while it flaps ${flap}`;
        const trying = tryFlip(near, '/routes/getSeats', reason);
        const killed = flap % 2 === 0 ? await killedHere(near, 'hotels') : undefined;
        await fleet.redis.start();
        if (killed !== undefined) await lifted(near, killed);
        const { status, body } = await trying;
        if (status === 200) made.push(reason);
        else assert.deepEqual([status, body.type], [503, '/problems/store-away']);
        if (body.outcome === 'unchanged') refused.push(reason);
      }
      await untilState('reachable', near, far);
      await flipped(far, '/routes/getSeats', 'after it flapped');
    });
  });

  it('cut off from one replica: that one stands alone, says so, can be killed, and catches up (invariants 2, 6, 7)', async () => {
    await unharmed(async () => {
      const before = await snapshotOf(far);
      partition.cut();
      const flip = await tryFlip(near, '/routes/getFlight', reasonOf('without the far one'));
      assert.equal(flip.status, 200, JSON.stringify(flip.body));
      assert.equal(flip.body.effective, false);
      const { version } = flip.body.snapshot;
      const behind = flip.body.replicas.filter((each: { version: number }) => each.version < version);
      assert.deepEqual(
        behind.map(({ replica }: { replica: string }) => replica.split(':').at(-1)),
        [String(far.port)],
      );
      await untilState('away', far);
      assert.equal((await snapshotOf(far)).version, before.version);
      await assertRefused(far, 'store-away');
      const killed = await killedHere(far, 'flights');
      assert.deepEqual(await sidesOf(far), ['monolith', 'hotels']);
      assert.deepEqual(await sidesOf(near), ['flights', 'hotels']);
      partition.heal();
      await until(async () => (await snapshotOf(far)).version === version, { ...SOON, what: 'the flip' });
      await untilState('reachable', far);
      await lifted(far, killed);
    });
  });

  it('back but emptied: flags stand, flips are refused until it is restored, and the audit is whole again (invariants 2, 7)', async () => {
    await unharmed(async () => {
      const before = await snapshotOf(near);
      await fleet.redis.kill();
      await fleet.redis.empty();
      await fleet.redis.start();
      await untilState('behind', near, far);
      const [killed] = await Promise.all([
        killedHere(near, 'hotels'),
        ...[near, far].map((replica) => assertRefused(replica, 'store-behind')),
      ]);
      for (const replica of [near, far]) assert.deepEqual(await snapshotOf(replica), before);
      const restored = await near.admin(
        'POST',
        '/snapshot/restore',
        { reason: reasonOf('it was emptied') },
        before.version,
      );
      assert.equal(restored.status, 200, JSON.stringify(restored.body));
      await untilState('reachable', near, far);
      await lifted(near, killed);
      await flipped(far, '/routes/getSeats', 'after the restore');
      for (const replica of [near, far]) {
        const { version, flags } = await snapshotOf(replica);
        assert.equal(version, before.version + 2);
        assert.deepEqual(Object.keys(flags), Object.keys(before.flags));
      }
    });
    // Of the whole time: there are few of them in any part of it.
    assertFewAskedInVain(load);
    // Of each thing that was acknowledged through all of this, and of nothing that was refused.
    await until(
      async () => {
        const { entries, isLocal } = await readAudit(near);
        assert.equal(isLocal, false);
        replay(entries);
        const reasons = entries.map(({ reason }) => reason);
        assert.deepEqual(
          made.filter((reason) => !reasons.includes(reason)),
          [],
        );
        assert.deepEqual(
          refused.filter((reason) => reasons.includes(reason)),
          [],
        );
        return true;
      },
      { ...SOON, what: 'the whole audit' },
    );
  });

  /** Nothing that a client asked for meanwhile failed, waited, or was of older flags than its replica had shown. */
  async function unharmed(work: () => Promise<void>): Promise<void> {
    const from = load.served.length;
    await work();
    // A while of what comes after it, too.
    const enough = load.served.length + PER_SECOND / 2;
    await until(() => load.served.length >= enough, { ...SOON, what: 'traffic' });
    await untilNobodyIsTold([near, far]);
    const served = load.served.slice(from);
    assert.deepEqual(load.faults, [], `of ${load.sent()} requests`);
    for (const replica of [near, far]) {
      assert.ok(served.some((each) => each.replica === replica.name));
      assert.equal((await readiness(replica)).status, 200);
    }
    for (const { operation, replica, version, floor } of served) {
      assert.ok(
        version >= floor,
        `${operation.operationId} at ${replica}: version ${version} after ${floor}`,
      );
    }
    // A replica that waits for Redis keeps all its clients waiting; a single answer may be late by the machine's fault.
    for (const { name } of [near, far]) {
      const tookMs = served
        .filter(({ replica }) => replica === name)
        .map((each) => each.tookMs - standstills.between(each.startedAt, each.endedAt))
        .toSorted((one, other) => one - other);
      const [most] = tookMs.slice(Math.floor(tookMs.length * 0.9));
      assert.ok(most !== undefined && most <= ANSWER_MS, `${name}: a tenth took more than ${most} ms`);
    }
  }

  /** By what each says of itself; it is ready all the while. */
  async function untilState(state: string, ...replicas: readonly Replica[]): Promise<void> {
    for (const replica of replicas) {
      await until(
        async () => {
          const { status, body } = await readiness(replica);
          assert.equal(status, 200);
          return (
            body.dependencies.flags.state === state &&
            (state !== 'reachable' || body.dependencies.flags.pendingAudit === 0)
          );
        },
        { ...SOON, what: `${state} at ${replica.name}` },
      );
    }
  }

  function reasonOf(reason: string): string {
    made.push(reason);
    return reason;
  }

  async function snapshotOf(replica: Replica) {
    return (await replica.admin('GET', '/snapshot')).body;
  }

  /** To where all is already, with another weight of nothing: what counts is whether it is made. */
  async function tryFlip(replica: Replica, path: string, reason: string) {
    const { version } = await snapshotOf(replica);
    return replica.admin('PUT', path, { stage: 'service', fallback: true, reason }, version);
  }

  async function flipped(replica: Replica, path: string, reason: string): Promise<void> {
    const { status, body } = await tryFlip(replica, path, reasonOf(reason));
    assert.equal(status, 200, JSON.stringify(body));
  }

  async function assertRefused(replica: Replica, kind: string): Promise<void> {
    const reason = `refused as ${kind} at ${replica.name}, ${refused.length}`;
    const { status, body } = await tryFlip(replica, '/routes/getFlight', reason);
    assert.deepEqual([status, body.type], [kind === 'store-away' ? 503 : 409, `/problems/${kind}`]);
    if (kind === 'store-away') assert.equal(body.outcome, 'unchanged');
    refused.push(reason);
  }

  /** Gives its id. In force when it is answered: nothing that comes after it is answered by the service. */
  async function killedHere(replica: Replica, target: string): Promise<string> {
    const reason = reasonOf(`kill of ${target} at ${replica.name}, ${made.length}`);
    const { status, body } = await replica.admin('POST', '/kills', { target, reason });
    assert.equal(status, 201, JSON.stringify(body));
    const sides = await sidesOf(replica);
    assert.equal(sides[CARVE_OUTS.indexOf(target as never)], 'monolith');
    return body.kill.id;
  }

  async function lifted(replica: Replica, id: string): Promise<void> {
    const { status, body } = await replica.admin('POST', `/kills/${id}/lift`, {
      reason: reasonOf(`lift at ${replica.name}, ${made.length}`),
    });
    assert.equal(status, 200, JSON.stringify(body));
  }

  /** Who answers a read of the flights, and one of the hotels. */
  async function sidesOf({ port }: Replica): Promise<(string | null)[]> {
    return Promise.all(
      ['/flights/1', '/hotels/1'].map(async (path) => {
        const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
          headers: { Cookie: 'sid=someone', 'X-Banyan-Override': fleet.token },
        });
        await answer.text();
        return answer.headers.get('x-banyan-served-by');
      }),
    );
  }
});

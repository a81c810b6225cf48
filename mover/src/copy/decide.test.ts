import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { otherSide, SIDES, type Side } from '../ownership.ts';
import { type BothRecords, decideMove, type OwnRecord } from './decide.ts';

type World = { -readonly [side in Side]: OwnRecord };

/** The writes that a decision leads to, each of them one transaction. */
function writesOf(world: World, to: Side, copyId: string): ((world: World) => void)[] {
  const decision = decideMove(world, to);
  const set = (side: Side, record: OwnRecord) => (target: World) => {
    target[side] = record;
  };
  const owned = (owner: Side, epoch: bigint): OwnRecord => ({ owner, epoch, copy: null });
  const held = (source: Side, epoch: bigint, id: string): OwnRecord => ({
    owner: 'nobody',
    epoch,
    copy: { id, source },
  });
  switch (decision.kind) {
    case 'done':
      return [];
    case 'contradiction':
      throw new Error(decision.why);
    case 'finish':
      return [set(decision.held, owned(otherSide(decision.held), decision.epoch))];
    case 'put-back':
      return decision.held.map((side) => set(side, owned(decision.owner, decision.epoch)));
    case 'start':
    case 'resume': {
      const { source, epoch } = decision;
      const target = otherSide(source);
      const holds =
        decision.kind === 'start'
          ? [target, source].map((side) => set(side, held(source, epoch, copyId)))
          : [];
      return [...holds, ...[target, source].map((side) => set(side, owned(target, epoch + 1n)))];
    }
  }
}

const writers = (world: BothRecords) => SIDES.filter((side) => world[side].owner === side);

test('however often moves die and in whichever direction they are run again, there is one owner at most, terms grow, and the next run gets there', () => {
  const run = fc.record({ to: fc.constantFrom(...SIDES), diesAfter: fc.nat({ max: 5 }) });
  fc.assert(
    fc.property(fc.array(run, { maxLength: 12 }), fc.constantFrom(...SIDES), (runs, last) => {
      const start: OwnRecord = { owner: 'monolith', epoch: 1n, copy: null };
      const world: World = { monolith: start, service: start };
      let copies = 0;
      const go = (to: Side, writesMax: number) => {
        let written = 0;
        for (let decisions = 0; decideMove(world, to).kind !== 'done'; decisions++) {
          assert.ok(decisions < 5, 'it comes to an end');
          for (const write of writesOf(world, to, `copy ${++copies}`)) {
            if (written++ >= writesMax) return;
            const before = { ...world };
            write(world);
            assert.ok(writers(world).length <= 1, 'two owners');
            for (const side of SIDES) assert.ok(world[side].epoch >= before[side].epoch, 'a term shrank');
          }
        }
      };
      for (const { to, diesAfter } of runs) go(to, diesAfter);
      go(last, 99);
      assert.deepEqual(writers(world), [last]);
    }),
    { numRuns: 2_000 },
  );
});

const record = (owner: OwnRecord['owner'], epoch: number, copy: OwnRecord['copy'] = null): OwnRecord => ({
  owner,
  epoch: BigInt(epoch),
  copy,
});

test('what the databases cannot both have come to is a contradiction, whichever way the move', () => {
  const copy = (source: Side | null, id = 'c') => ({ id, source });
  const cases: [string, OwnRecord, OwnRecord][] = [
    ['both claim it', record('monolith', 1), record('service', 2)],
    ['neither claims it', record('service', 2), record('monolith', 1)],
    ['the owner is in an older term', record('monolith', 3), record('monolith', 5)],
    ['a copy that nothing is known of', record('nobody', 1, copy(null)), record('monolith', 1)],
    [
      'the source is held, the target two terms ahead',
      record('nobody', 1, copy('monolith')),
      record('service', 3),
    ],
    [
      'held by copies in opposite directions',
      record('nobody', 1, copy('monolith')),
      record('nobody', 1, copy('service')),
    ],
    [
      'a held target that claims to be later',
      record('nobody', 1, copy('monolith')),
      record('nobody', 2, copy('monolith')),
    ],
  ];
  for (const [what, monolith, service] of cases) {
    for (const to of SIDES) assert.equal(decideMove({ monolith, service }, to).kind, 'contradiction', what);
  }
});

test('a copy is only resumed where both databases were held by it', () => {
  const held = (id: string) => record('nobody', 1, { id, source: 'monolith' });
  assert.equal(decideMove({ monolith: held('a'), service: held('a') }, 'service').kind, 'resume');
  assert.equal(decideMove({ monolith: held('a'), service: held('b') }, 'service').kind, 'start');
  assert.equal(decideMove({ monolith: record('monolith', 1), service: held('a') }, 'service').kind, 'start');
});

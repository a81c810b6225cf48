import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Operation } from '../routing/operation.ts';
import { decide, type RequestFacts, type Verdict } from './decision.ts';
import { type CarvedOut, compileRoutes, type OwnerFacts, type Rollout } from './routes.ts';
import { type Flag, INITIAL_SNAPSHOT, type Snapshot } from './snapshot.ts';
import { OWNERS, SERVICE_DATA, STAGES } from './stage.ts';

/** Everything that decides but the request. `owners` is by aggregate, which here has its carve-out's name. */
type World = {
  readonly carvedOut: readonly CarvedOut[];
  readonly owners: Readonly<Record<string, OwnerFacts>>;
  readonly snapshot: Snapshot;
  readonly kills: readonly { readonly target: string }[];
};

const CARVE_OUTS = ['billing', 'booking', 'constructor'];
const READS = ['getInvoice', 'listInvoices', 'getBooking', 'valueOf', '__proto__'];
const WRITES = ['payInvoice', 'createBooking'];
const NAMES = [...CARVE_OUTS, ...READS, ...WRITES, 'getNews'];

const percent = fc.integer({ min: 0, max: 100_000 }).map((steps) => steps / 1_000);
const account = fc.oneof(fc.nat().map(String), fc.uuid(), fc.string({ unit: 'binary' }));
const flag: fc.Arbitrary<Flag> = fc.record({
  stage: fc.constantFrom(...STAGES),
  fallback: fc.boolean(),
  weightPercent: percent,
  samplePercent: percent,
});
const operation = (kind: 'read' | 'write', names: readonly string[]) =>
  fc.record({
    operationId: fc.constantFrom(...names),
    carveOut: fc.constantFrom(...CARVE_OUTS),
    kind: fc.constant(kind),
  });
const world: fc.Arbitrary<World> = fc.record({
  carvedOut: fc
    .uniqueArray(fc.oneof(operation('read', READS), operation('write', WRITES)), {
      selector: ({ operationId }) => operationId,
    })
    .map((carved) => carved.map((each) => ({ ...each, aggregate: each.carveOut }))),
  owners: dictionaryOf(
    CARVE_OUTS,
    fc.record({ owner: fc.constantFrom(...OWNERS), data: fc.constantFrom(...SERVICE_DATA) }),
  ),
  snapshot: fc.record({
    version: fc.nat(),
    at: fc.constant(INITIAL_SNAPSHOT.at),
    by: fc.string(),
    reason: fc.string(),
    // Names of writes and of nothing too: who reads them must not mind.
    flags: dictionaryOf(NAMES, flag),
  }),
  kills: fc.array(fc.record({ target: fc.constantFrom('*', ...NAMES) }), { maxLength: 2 }),
});
const facts: fc.Arbitrary<RequestFacts> = fc.record({
  account: fc.oneof(fc.constant(undefined), fc.constant(null), account),
  override: fc.option(
    fc
      .record({
        sides: dictionaryOf(NAMES, fc.constantFrom('monolith' as const, 'service' as const)),
        account: fc.option(account, { nil: undefined }),
      })
      .map(({ sides, account }) => ({
        id: '1',
        expiresAtMs: 0,
        sides,
        ...(account !== undefined && { account }),
      })),
    { nil: undefined },
  ),
});

describe('decisions', () => {
  it('are never at a stage that is not lawful', () => {
    fc.assert(
      fc.property(world, facts, fc.constantFrom(...READS, ...WRITES), (given, asked, operationId) => {
        const verdict = verdictOf(compile(given), operationId, asked);
        const carved = given.carvedOut.find((each) => each.operationId === operationId);
        if (carved === undefined || !('backend' in verdict) || verdict.action === 'refuse') return;
        const { owner, data } = ownerIn(given, carved.carveOut) ?? assert.fail('decided for no owner');
        const names = [operationId, carved.carveOut, '*'];
        const isKilled = given.kills.some(({ target }) => names.includes(target));
        // The service may read what the monolith owns, and nothing else of it.
        const mayServiceRead = carved.kind === 'read' && owner === 'monolith' && data !== 'none' && !isKilled;
        const expected = verdict.action === 'forward' ? 'monolith' : carved.carveOut;
        assert.equal(verdict.backend, expected);
        if (verdict.action === 'forward') assert.equal(owner, 'monolith');
        else assert.ok(owner === 'service' || mayServiceRead);
        if (verdict.mayFallBack) assert.ok(mayServiceRead && verdict.action === 'translate');
        if (verdict.samplePercent > 0) assert.ok(mayServiceRead && verdict.action === 'forward');
      }),
      { numRuns: 5_000 },
    );
  });

  it('are equal in every replica that has the snapshot', () => {
    fc.assert(
      fc.property(world, fc.array(facts), (given, requests) => {
        const replicas = [compile(given), compile(structuredClone(given))];
        for (const asked of requests) {
          for (const operationId of NAMES) {
            const [one, other] = replicas.map((rollout) => verdictOf(rollout, operationId, asked));
            assert.deepEqual(one, other);
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  it('are total: they never throw, and with an account known nobody is asked', () => {
    fc.assert(
      fc.property(world, facts, fc.constantFrom(undefined, ...NAMES), (given, asked, operationId) => {
        const { action } = verdictOf(compile(given), operationId, asked);
        if (asked.account !== undefined) assert.notEqual(action, 'ask-account');
      }),
      { numRuns: 5_000 },
    );
  });
});

describe('a canary', () => {
  it('moves nobody back when its weight rises', () => {
    fc.assert(
      fc.property(account, fc.tuple(percent, percent), (who, weights) => {
        const [less = 0, more = 0] = weights.toSorted((a, b) => a - b);
        if (isInside('getInvoice', less, who)) assert.ok(isInside('getInvoice', more, who));
        assert.ok(!isInside('getInvoice', 0, who));
        assert.ok(isInside('getInvoice', 100, who));
      }),
      { numRuns: 2_000 },
    );
  });

  it('shows an account one side of a carve-out where its operations have one weight', () => {
    fc.assert(
      fc.property(account, percent, (who, weightPercent) => {
        const sides = READS.map((operationId) => isInside(operationId, weightPercent, who));
        assert.equal(new Set(sides).size, 1);
      }),
      { numRuns: 2_000 },
    );
  });

  it('takes its weight of 100,000 accounts, to one percentage point of their number', () => {
    const kinds: Readonly<Record<string, (id: number) => string>> = {
      'numbers in a row': (id) => String(id),
      addresses: (id) => `user${id}@example.com`,
      uuids: (id) => `${id.toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`,
    };
    for (const [kind, accountOf] of Object.entries(kinds)) {
      const accounts = Array.from({ length: 100_000 }, (_, id) => accountOf(id));
      for (const weightPercent of [1, 5, 12.5, 50, 99]) {
        const rollout = rolloutAt(weightPercent);
        const inside = accounts.filter((who) => isIn(rollout, 'getInvoice', who)).length;
        const sharePercent = (inside / accounts.length) * 100;
        const off = Math.abs(sharePercent - weightPercent);
        assert.ok(off <= 1, `${kind} at ${weightPercent} %: ${sharePercent} %`);
      }
    }
  });

  it('draws a line of its own for each carve-out: who is inside one may be outside another', () => {
    const accounts = Array.from({ length: 10_000 }, (_, id) => String(id));
    const inside = (carveOut: string) => {
      const rollout = rolloutAt(50, carveOut);
      return new Set(accounts.filter((who) => isIn(rollout, 'getInvoice', who)));
    };
    const inBooking = inside('booking');
    const shared = [...inside('billing')].filter((who) => inBooking.has(who)).length;
    assert.ok(Math.abs(shared / accounts.length - 0.25) < 0.05, String(shared));
  });
});

function isInside(operationId: string, weightPercent: number, who: string): boolean {
  return isIn(rolloutAt(weightPercent), operationId, who);
}

function isIn(rollout: Rollout, operationId: string, who: string): boolean {
  const verdict = verdictOf(rollout, operationId, { override: undefined, account: who });
  return verdict.action === 'translate';
}

/** All reads of one carve-out as a canary. */
function rolloutAt(weightPercent: number, carveOut = 'billing'): Rollout {
  const flag: Flag = { stage: 'canary', weightPercent, fallback: true };
  return compile({
    carvedOut: READS.map((operationId) => ({ operationId, carveOut, aggregate: carveOut, kind: 'read' })),
    owners: { [carveOut]: { owner: 'monolith', data: 'shared' } },
    snapshot: {
      ...INITIAL_SNAPSHOT,
      flags: Object.fromEntries(READS.map((operationId) => [operationId, flag])),
    },
    kills: [],
  });
}

function compile(given: World): Rollout {
  const ownerOf = (aggregate: string) => ownerIn(given, aggregate);
  return compileRoutes(given.carvedOut, ownerOf, given.snapshot, given.kills);
}

function ownerIn({ owners }: World, aggregate: string): OwnerFacts | undefined {
  return Object.hasOwn(owners, aggregate) ? owners[aggregate] : undefined;
}

function verdictOf(rollout: Rollout, operationId: string | undefined, asked: RequestFacts): Verdict {
  if (operationId === undefined) return decide(undefined, undefined, asked);
  const named: Operation = { operationId, method: 'GET', path: '/' };
  return decide(named, rollout.routeOf(operationId), asked);
}

function dictionaryOf<Name extends string, T>(
  names: readonly Name[],
  value: fc.Arbitrary<T>,
): fc.Arbitrary<Record<string, T>> {
  const entries = fc.uniqueArray(fc.tuple(fc.constantFrom(...names), value), { selector: ([name]) => name });
  return entries.map((found) => Object.fromEntries(found));
}

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compileRoutes, type OwnerFacts } from './routes.ts';
import { DEFAULT_FLAG, INITIAL_SNAPSHOT, type Snapshot } from './snapshot.ts';

const CARVED = [
  { operationId: 'payInvoice', carveOut: 'billing', aggregate: 'ledger', kind: 'write' },
  { operationId: 'getInvoice', carveOut: 'billing', aggregate: 'ledger', kind: 'read' },
  { operationId: 'constructor', carveOut: 'booking', aggregate: 'booking', kind: 'read' },
] as const;
const SNAPSHOT: Snapshot = {
  ...INITIAL_SNAPSHOT,
  version: 7,
  flags: {
    getInvoice: { stage: 'canary', weightPercent: 5, fallback: false },
    payInvoice: { stage: 'service', fallback: false },
    getNews: { stage: 'service', fallback: true },
  },
};
const OWNERS: Readonly<Record<string, OwnerFacts>> = { ledger: { owner: 'monolith', data: 'shared' } };

describe('routes', () => {
  it('are those of the carve-outs, in their order, at the version of the snapshot', () => {
    const rollout = compile();
    assert.equal(rollout.version, 7);
    assert.deepEqual(
      rollout.routes.map(({ operationId }) => operationId),
      ['payInvoice', 'getInvoice', 'constructor'],
    );
    assert.equal(rollout.routeOf('getInvoice'), rollout.routes[1]);
    assert.equal(rollout.routeOf('getNews'), undefined);
    assert.equal(rollout.routeOf('toString'), undefined);
  });

  it('show what is wanted beside what holds', () => {
    const wanted = { stage: 'canary', weightPercent: 5, fallback: false };
    const at = (owner: OwnerFacts, kills: readonly string[] = []) => {
      const route = compile({ ledger: owner }, kills).routeOf('getInvoice');
      assert.deepEqual(route?.flag, wanted);
      return route?.stage;
    };
    assert.equal(at({ owner: 'monolith', data: 'shared' }), 'canary');
    assert.equal(at({ owner: 'monolith', data: 'none' }), 'monolith');
    assert.equal(at({ owner: 'monolith', data: 'shared' }, ['billing']), 'monolith');
    assert.equal(at({ owner: 'service', data: 'shared' }, ['billing']), 'service');
    assert.equal(at({ owner: 'nobody', data: 'shared' }), undefined);
  });

  it('give a write the stage of its owner; no flag and no kill is about it', () => {
    for (const owner of ['monolith', 'service'] as const) {
      const route = compile({ ledger: { owner, data: 'shared' } }, ['*']).routeOf('payInvoice');
      const { stage, isKilled, flag, overridden } = route ?? assert.fail();
      assert.deepEqual({ stage, isKilled, flag }, { stage: owner, isKilled: false, flag: DEFAULT_FLAG });
      assert.equal(overridden, undefined);
    }
  });

  it('know nothing of an owner that nobody has told, nor of names that every object has', () => {
    const { owner, data, stage, flag } = compile().routeOf('constructor') ?? assert.fail();
    assert.deepEqual([owner, data, stage], [undefined, 'none', undefined]);
    assert.equal(flag, DEFAULT_FLAG);
  });
});

function compile(owners = OWNERS, kills: readonly string[] = []) {
  const ownerOf = (aggregate: string) => owners[aggregate];
  return compileRoutes(
    CARVED,
    ownerOf,
    SNAPSHOT,
    kills.map((target) => ({ target })),
  );
}

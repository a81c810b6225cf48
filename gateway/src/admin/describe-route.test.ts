import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compileRoutes, type OwnerFacts } from '../rollout/routes.ts';
import type { Flag } from '../rollout/snapshot.ts';
import { INITIAL_SNAPSHOT } from '../rollout/snapshot.ts';
import type { Operation } from '../routing/operation.ts';
import { describeRoute, type RouteFacts } from './describe-route.ts';

const READ: Operation = { operationId: 'getInvoice', method: 'GET', path: '/invoices/{id}' };
const WRITE: Operation = { operationId: 'payInvoice', method: 'POST', path: '/invoices/{id}/payments' };
const CARVED = [
  { operationId: 'getInvoice', carveOut: 'billing', aggregate: 'billing', kind: 'read' },
  { operationId: 'payInvoice', carveOut: 'billing', aggregate: 'billing', kind: 'write' },
] as const;
const FACTS: RouteFacts = {
  route: undefined,
  epoch: null,
  lastMonolithHitMs: undefined,
  lastFlip: undefined,
  traffic: [],
  shadow: undefined,
};

function shown(
  operation: Operation,
  owner: OwnerFacts | undefined,
  flag: Flag = { stage: 'monolith', fallback: true },
  kills: readonly string[] = [],
) {
  const snapshot = { ...INITIAL_SNAPSHOT, flags: { getInvoice: flag } };
  const rollout = compileRoutes(
    CARVED,
    () => owner,
    snapshot,
    kills.map((target) => ({ target })),
  );
  const route = rollout.routeOf(operation.operationId);
  const {
    stage,
    weightPercent,
    samplePercent,
    wantedStage,
    fallback,
    killed,
    owner: who,
    data,
    legalStages,
  } = describeRoute(operation, { ...FACTS, route });
  return [stage, weightPercent, samplePercent, wantedStage, fallback, killed, who, data, legalStages.length];
}

const SHARED = { owner: 'monolith', data: 'shared' } as const;
const OWNED = { owner: 'service', data: 'shared' } as const;

describe('a route, as it is shown', () => {
  it('shows what is in force, and what its flag says', () => {
    const flags: readonly (readonly [Flag, readonly unknown[]])[] = [
      [{ stage: 'monolith', fallback: true }, ['monolith', 0, 0, 'monolith', true]],
      [{ stage: 'shadow', samplePercent: 7.5, fallback: true }, ['shadow', 0, 7.5, 'shadow', true]],
      [{ stage: 'canary', weightPercent: 12.5, fallback: false }, ['canary', 12.5, 0, 'canary', false]],
      [{ stage: 'service', fallback: true }, ['service', 100, 0, 'service', true]],
    ];
    for (const [flag, [stage, weight, sample, wanted, fallback]] of flags) {
      const [...legal] = shown(READ, SHARED, flag);
      assert.deepEqual(legal, [stage, weight, sample, wanted, fallback, false, 'monolith', 'shared', 4]);
      const [...killed] = shown(READ, SHARED, flag, ['*']);
      assert.deepEqual(killed, ['monolith', 0, 0, wanted, fallback, true, 'monolith', 'shared', 4]);
      const [...owned] = shown(READ, OWNED, flag);
      assert.deepEqual(owned, ['service', 100, 0, wanted, fallback, false, 'service', 'shared', 1]);
      const [...unknown] = shown(READ, undefined, flag);
      assert.deepEqual(unknown, [null, 0, 0, wanted, fallback, false, 'unknown', 'none', 0]);
    }
  });

  it('shows the stage of a write that follows from its owner, and no flag', () => {
    assert.deepEqual(shown(WRITE, SHARED), ['monolith', 0, 0, null, null, false, 'monolith', 'shared', 0]);
    assert.deepEqual(shown(WRITE, OWNED), ['service', 100, 0, null, null, false, 'service', 'shared', 0]);
    const nobody = shown(WRITE, { owner: 'nobody', data: 'shared' });
    assert.deepEqual(nobody, [null, 0, 0, null, null, false, 'nobody', 'shared', 0]);
  });

  it('shows what is not carved out as the monolith’s, a read or a write by its method', () => {
    const facts = { ...FACTS, lastMonolithHitMs: 0, epoch: null };
    const news = describeRoute({ operationId: 'getNews', method: 'GET', path: '/news' }, facts);
    assert.deepEqual(
      [news.kind, news.stage, news.owner, news.carveOut, news.data, news.wantedStage, news.legalStages],
      ['read', 'monolith', 'monolith', null, null, null, []],
    );
    assert.equal(news.lastMonolithHit, '1970-01-01T00:00:00.000Z');
    const mail = describeRoute({ operationId: 'sendMail', method: 'POST', path: '/mails' }, FACTS);
    assert.deepEqual([mail.kind, mail.lastMonolithHit], ['write', null]);
  });
});

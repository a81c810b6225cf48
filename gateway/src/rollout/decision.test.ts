import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type CarvedOut, decide } from './decision.ts';
import { effectiveStage, legalStages } from './legality.ts';
import { INITIAL_SNAPSHOT, OWNERS, type Owner, type Stage } from './stage.ts';

const OPERATION = { operationId: 'getInvoice', method: 'GET', path: '/i' } as const;

describe('legality', () => {
  it('is the table of the design', () => {
    assert.deepEqual(legalStages('monolith', 'shared'), ['monolith', 'shadow', 'canary', 'service']);
    assert.deepEqual(legalStages('monolith', 'followed'), ['monolith', 'shadow', 'canary', 'service']);
    assert.deepEqual(legalStages('monolith', 'none'), ['monolith']);
    for (const data of ['shared', 'followed', 'none'] as const) {
      assert.deepEqual(legalStages('service', data), ['service']);
      assert.deepEqual(legalStages('nobody', data), []);
    }
  });

  it('puts what is wanted and not legal to what is', () => {
    assert.equal(effectiveStage('service', 'monolith', 'none'), 'monolith');
    assert.equal(effectiveStage('monolith', 'service', 'shared'), 'service');
    assert.equal(effectiveStage('service', 'nobody', 'shared'), undefined);
  });
});

describe('a decision', () => {
  const outcome = (
    kind: CarvedOut['kind'],
    owner: Owner | undefined,
    stage: Stage,
    data: CarvedOut['data'] = 'shared',
  ): string => {
    const snapshot = { version: 1, stages: { billing: stage } };
    const { action, backend, reason } = decide(
      OPERATION,
      { carveOut: 'billing', kind, data },
      owner,
      snapshot,
    );
    return `${action} ${backend} ${reason}`;
  };

  it('leaves what is no operation, or of no active carve-out, with the monolith', () => {
    assert.deepEqual(decide(undefined, undefined, undefined, INITIAL_SNAPSHOT), {
      action: 'forward',
      backend: 'monolith',
      reason: 'no-operation',
    });
    assert.equal(decide(OPERATION, undefined, 'service', INITIAL_SNAPSHOT).reason, 'stage-monolith');
  });

  it('sends a write to the owner, whatever the stage', () => {
    for (const stage of ['monolith', 'service'] as const) {
      assert.equal(outcome('write', 'monolith', stage), 'forward monolith owner-monolith');
      assert.equal(outcome('write', 'service', stage), 'translate billing owner-service');
    }
  });

  it('sends a read to the service that owns, or that may read the monolith’s data by its stage', () => {
    assert.equal(outcome('read', 'service', 'monolith'), 'translate billing owner-service');
    assert.equal(outcome('read', 'monolith', 'monolith'), 'forward monolith stage-monolith');
    assert.equal(outcome('read', 'monolith', 'service'), 'translate billing stage-service');
    assert.equal(outcome('read', 'monolith', 'service', 'none'), 'forward monolith stage-monolith');
  });

  it('refuses where nobody owns, or nobody has said who does', () => {
    for (const kind of ['read', 'write'] as const) {
      assert.equal(outcome(kind, 'nobody', 'service'), 'refuse billing owner-nobody');
      assert.equal(outcome(kind, undefined, 'service'), 'refuse billing owner-unknown');
    }
    assert.deepEqual([...OWNERS], ['monolith', 'service', 'nobody']);
  });
});

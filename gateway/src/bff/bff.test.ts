import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Operation } from '../routing/operation.ts';
import type { ActiveCarveOut, CarvedOperation } from '../translate/carved-operation.ts';
import type { RequestHead } from '../wire/request-head.ts';
import { createBff } from './bff.ts';

const OPERATION: Operation = { operationId: 'exportThings', method: 'GET', path: '/things.csv' };
const HEAD = { method: 'GET', target: '/bff/jobs/x', values: () => [] } as unknown as RequestHead;

function bffWith(job: string | undefined) {
  const active = {
    carveOut: { name: 'things', aggregate: 'things', deadlineMs: 1 },
    link: {},
    methodOf: (name: string) => (name === 'export' ? { path: '/things.v1.Things/Export' } : undefined),
  } as unknown as ActiveCarveOut;
  const carved = { active, operation: OPERATION, translation: { kind: 'read', job } };
  return createBff({
    active: [active],
    operations: [carved as unknown as CarvedOperation],
    ownerOf: () => undefined,
    now: () => 0,
  });
}

describe('the gateway’s own paths', () => {
  it('are there where an active carve-out has jobs, and nowhere else', () => {
    assert.equal(bffWith('export').operationOf(HEAD)?.operationId, 'getJob');
    assert.equal(bffWith(undefined).operationOf(HEAD), undefined);
    assert.equal(
      createBff({ active: [], operations: [], ownerOf: () => undefined, now: () => 0 }).operationOf(HEAD),
      undefined,
    );
  });

  it('are those below the prefix alone', () => {
    const { operationOf } = bffWith('export');
    for (const target of ['/', '/bff', '/bffs/jobs/x', '/BFF/jobs/x', '/a/bff/jobs/x'])
      assert.equal(operationOf({ ...HEAD, values: HEAD.values, target } as RequestHead), undefined, target);
  });

  it('do not start with a job that the service does not have', () => {
    assert.throws(() => bffWith('nonsense'), /things: exportThings has the job nonsense/);
  });
});

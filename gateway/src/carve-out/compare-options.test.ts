import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { compareOptionsFault } from './compare-options.ts';
import { carveOutFault } from './define.ts';

describe('what a translation declares of comparing', () => {
  it('is refused where it would have no effect', () => {
    const good = {
      ignore: ['$', 'status', 'body', 'header:etag', '$.a[*].b_c', '$["a b"]'],
      show: ['$.status'],
    };
    assert.equal(compareOptionsFault(good), undefined);
    assert.equal(compareOptionsFault({}), undefined);
    for (const [odd, says] of [
      [null, /must be an object/],
      [{ ignored: [] }, /compare\.ignored is not known/],
      [{ ignore: '$.a' }, /compare\.ignore must be a list/],
      [{ ignore: ['a.b'] }, /not a\.b$/],
      [{ ignore: ['$.a[0]'] }, /not \$\.a\[0\]$/],
      [{ show: ['header:ETag'] }, /compare\.show .*not header:ETag$/],
    ] as const) {
      assert.match(compareOptionsFault(odd) ?? '', says);
    }
  });

  it('is refused of a write, which is never compared, and names the operation', () => {
    const carveOut = (kind: string, compare: unknown) => ({
      name: 'flights',
      aggregate: 'flights',
      client: () => {},
      failure: () => {},
      targetVariable: 'FLIGHTS_TARGET',
      deadlineMs: 1,
      operations: { getFlight: { kind, handle: () => {}, compare } },
    });
    assert.equal(carveOutFault(carveOut('read', { ignore: ['$.at'] })), undefined);
    assert.match(
      carveOutFault(carveOut('read', { ignore: ['at'] })) ?? '',
      /compare for getFlight: .*not at$/,
    );
    assert.match(carveOutFault(carveOut('write', {})) ?? '', /compare for getFlight: a write/);
  });
});

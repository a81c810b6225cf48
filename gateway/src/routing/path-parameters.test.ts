import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createParameterReader, queryOf } from './path-parameters.ts';

const MATCHING = { caseSensitive: false, trailingSlash: 'tolerated' } as const;
const read = (path: string, target: string) =>
  createParameterReader({ operationId: 'x', method: 'GET', path }, MATCHING)(target);

describe('path parameters', () => {
  it('are decoded, wherever they stand', () => {
    assert.deepEqual(read('/api/v1/bookings/{id}/invoice', '/API/v1/bookings/a%20b%2Fc/invoice?id=2'), {
      id: 'a b/c',
    });
    assert.deepEqual(read('/invoices/{id}', '/invoices/007/'), { id: '007' });
    assert.deepEqual(read('/{year}-{month}/{name}.pdf', '/2026-11/%C5%81.pdf'), {
      year: '2026',
      month: '11',
      name: 'Ł',
    });
    assert.deepEqual(read('/invoices', '/invoices'), {});
  });

  it('leave the query as it came', () => {
    assert.equal(queryOf('/a?b=%20&b=2?'), 'b=%20&b=2?');
    assert.equal(queryOf('/a'), '');
    assert.equal(queryOf('/a?b#c'), 'b');
    assert.equal(queryOf('/a#c?b'), '');
  });
});

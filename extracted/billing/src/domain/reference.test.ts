import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bookingReference, invoiceNumber } from './reference.ts';

test('references and numbers are those that the monolith gave and gives', () => {
  for (const [id, reference] of [
    [1n, 'BTSQH7'],
    [2n, '8BFYFM'],
    [41n, 'PD0WPF'],
    [100_001n, 'QW82Y7'],
    [(1n << 30n) - 1n, 'M568ES'],
  ] as const) {
    assert.equal(bookingReference(id), reference);
  }
  assert.throws(() => bookingReference(1n << 30n), RangeError);
  assert.equal(invoiceNumber(100_001n), 'INV-00000100001');
});

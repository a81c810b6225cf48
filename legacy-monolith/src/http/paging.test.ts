import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { linkHeader, offsetOf } from './paging.ts';

test('relations stand in the order first, prev, next, last, those that exist', () => {
  const rels = (page: number, total: number) =>
    [...(linkHeader('/x', [], { page, perPage: 10 }, total) ?? '').matchAll(/rel="(\w+)"/g)].map(
      (match) => match[1],
    );
  assert.deepEqual(rels(1, 0), []);
  assert.deepEqual(rels(1, 10), ['first', 'last']);
  assert.deepEqual(rels(1, 11), ['first', 'next', 'last']);
  assert.deepEqual(rels(2, 21), ['first', 'prev', 'next', 'last']);
  assert.deepEqual(rels(3, 21), ['first', 'prev', 'last']);
  assert.deepEqual(rels(9, 21), ['first', 'prev', 'last']);
});

test('filters are encoded, so that no value breaks out of its link', () => {
  fc.assert(
    fc.property(fc.string(), (value) => {
      const link = linkHeader('/x', [['q', value]], { page: 1, perPage: 1 }, 1) as string;
      const target = /^<([^<>]+)>; rel="first"/.exec(link)?.[1] as string;
      assert.equal(new URL(target, 'http://h').searchParams.get('q'), value);
    }),
  );
});

test('the offset of a far page is exact', () => {
  assert.equal(offsetOf({ page: 999_999_999_999_999, perPage: 100 }), '99999999999999800');
});

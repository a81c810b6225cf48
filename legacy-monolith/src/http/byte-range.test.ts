import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decideRange } from './byte-range.ts';

const validators = { etag: '"abc"', lastModified: 'Sun, 22 Nov 2026 19:30:00 GMT' };
const decide = (range: string | undefined, ifRange?: string) =>
  decideRange({ range, ifRange }, 100, validators);
const whole = { kind: 'whole' };
const part = (start: number, end: number) => ({ kind: 'part', start, end });

const table: [range: string, expected: object][] = [
  ['bytes=0-0', part(0, 0)],
  ['bytes=0-99', part(0, 99)],
  ['bytes=10-', part(10, 99)],
  ['bytes=90-1000', part(90, 99)],
  ['bytes=-1', part(99, 99)],
  ['bytes=-1000', part(0, 99)],
  ['BYTES=1-2', part(1, 2)],
  ['bytes=100-', { kind: 'unsatisfiable' }],
  ['bytes=100-200', { kind: 'unsatisfiable' }],
  ['bytes=-0', { kind: 'unsatisfiable' }],
  ['bytes=5-2', whole],
  ['bytes=0-1,5-6', whole],
  ['bytes=-', whole],
  ['bytes=a-b', whole],
  ['lines=0-1', whole],
  ['', whole],
];

for (const [range, expected] of table) {
  test(`Range "${range}" of 100 bytes`, () => assert.deepEqual(decide(range), expected));
}

test('without a Range the whole is sent', () => assert.deepEqual(decide(undefined), whole));

test('If-Range lets a range through only with the strong tag or the very date', () => {
  assert.deepEqual(decide('bytes=0-1', '"abc"'), part(0, 1));
  assert.deepEqual(decide('bytes=0-1', validators.lastModified), part(0, 1));
  assert.deepEqual(decide('bytes=0-1', 'W/"abc"'), whole);
  assert.deepEqual(decide('bytes=0-1', '"other"'), whole);
  assert.deepEqual(decide('bytes=0-1', 'Sun, 22 Nov 2026 19:30:01 GMT'), whole);
  assert.deepEqual(decide('bytes=100-', '"other"'), whole);
});

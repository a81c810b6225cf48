import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { parsePrefer } from './prefer.ts';

const read = (...values: string[]) => {
  const { respondAsync, waitSeconds } = parsePrefer(values);
  return [respondAsync, waitSeconds];
};

it('finds the preferences wherever they stand, in any case, with parameters and white space', () => {
  const async = [
    ['respond-async'],
    ['Respond-Async'],
    ['return=minimal, respond-async'],
    ['return=minimal', 'handling=lenient', 'respond-async'],
    ['\trespond-async ; a="b,c;d" ; e'],
    [', ,respond-async,,'],
    ['respond-async=""'],
    ['respond-async='],
    ['foo="a\\", respond-async, \\"b", respond-async'],
  ];
  for (const values of async) assert.deepEqual(read(...values), [true, undefined], values.join(' | '));
  assert.deepEqual(read('respond-async, wait=5'), [true, 5]);
  assert.deepEqual(read('WAIT = 5', 'respond-async'), [true, 5]);
  assert.deepEqual(read('wait="1\\0"; x=1, respond-async'), [true, 10]);
  assert.deepEqual(read('wait=0'), [false, 0]);
});

it('ignores what it does not know, and what is none', () => {
  const none = [
    [],
    [''],
    ['respond-sync'],
    ['respond-async=1'],
    ['respond-async="yes"'],
    ['foo="respond-async"'],
    ['foo; respond-async'],
    ['foo="never closed, respond-async'],
    ['"respond-async"'],
    ['respond async'],
  ];
  for (const values of none) assert.deepEqual(read(...values), [false, undefined], values.join(' | '));
  for (const wait of ['wait', 'wait=', 'wait=-1', 'wait=1.5', 'wait=1e3', 'wait=9999999999', 'wait=x']) {
    assert.deepEqual(read(`respond-async, ${wait}`), [true, undefined], wait);
  }
});

it('takes the first of several with one name', () => {
  assert.deepEqual(read('wait=1, wait=2', 'wait=3'), [false, 1]);
  assert.deepEqual(read('respond-async=no, respond-async'), [false, undefined]);
});

it('reads any text without failing, the longest head too', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary-ascii', maxLength: 60 }), { maxLength: 4 }), (values) => {
      const { respondAsync, waitSeconds } = parsePrefer(values);
      assert.equal(typeof respondAsync, 'boolean');
      assert.ok(waitSeconds === undefined || Number.isSafeInteger(waitSeconds));
    }),
  );
  // One that went back and forth in it would not come to an end.
  parsePrefer([`x="${'\\"'.repeat(30_000)}`, 'wait='.repeat(10_000)]);
});

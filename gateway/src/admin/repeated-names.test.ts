import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { repeatedNames } from './repeated-names.ts';

const CASES: readonly (readonly [json: string, repeated: readonly string[]])[] = [
  ['{}', []],
  ['7', []],
  ['"a"', []],
  ['["a", "a", {"a": "a"}, {"a": ["a"]}]', []],
  ['{"a": 1, "b": {"a": 1}, "c": [{"a": 1}, {"a": 2}]}', []],
  ['{"a": "b", "b": "\\"a\\": 1, {[", "c": "\\\\"}', []],
  ['{"a": 1, "a": 1}', ['a']],
  ['{"a"\n:\t1,"b":2,"a" :3}', ['a']],
  ['{"a": {"b": 1}, "c": {"b": [], "b": {}}}', ['b']],
  ['[[{"x": [], "x": 0}]]', ['x']],
  ['{"a": {}, "b": [{}], "a": 0}', ['a']],
  ['{"reason": 1, "\\u0072eason": 2}', ['reason']],
  ['{"__proto__": 1, "__proto__": 2, "": 1, "": 2, "": 3}', ['__proto__', '']],
  ['{"\\"": 1, "\\u0022": 2}', ['"']],
];

describe('names that are there more than once', () => {
  for (const [json, repeated] of CASES) {
    it(`of ${json}: ${repeated.length === 0 ? 'none' : repeated.join()}`, () => {
      JSON.parse(json);
      assert.deepEqual(repeatedNames(json), repeated);
    });
  }

  it('are found in the longest body there may be', () => {
    const long = 'x"\\'.repeat(20_000);
    assert.deepEqual(
      repeatedNames(`{"a":${JSON.stringify(long)},"a":${'['.repeat(5_000)}${']'.repeat(5_000)}}`),
      ['a'],
    );
  });
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { namedTokens } from './named-tokens.ts';

const read = namedTokens('operator');
const A = 'a-token-of-the-test';
const B = 'b-token-of-the-test==';

describe('tokens of the admin API', () => {
  it('are one without a name, or several that have one', () => {
    assert.deepEqual(read(A), { value: [{ name: 'operator', token: A }] });
    assert.deepEqual(read(B), { value: [{ name: 'operator', token: B }] });
    assert.deepEqual(read(`ann=${A}`), { value: [{ name: 'ann', token: A }] });
    assert.deepEqual(read(`ann=${A}, ci@build.example=${B}`), {
      value: [
        { name: 'ann', token: A },
        { name: 'ci@build.example', token: B },
      ],
    });
  });

  for (const [what, text, rule] of [
    ['too short', 'short', /^must be at least 16/],
    ['too short, with a name', 'ann=short', /^entry 1 must be name=token/],
    ['a name of more than 64 characters', `${'n'.repeat(65)}=${A}`, /^entry 1/],
    ['a name with a space', `an n=${A}`, /^entry 1/],
    ['a list in which one has no name', `ann=${A},${B}`, /^entry 2/],
    ['an empty entry', `ann=${A},`, /^entry 2/],
    ['a name twice', `ann=${A},ann=${B}`, /name of its own/],
    ['a token twice', `ann=${A},bob=${A}`, /token twice/],
  ] as const) {
    it(`are refused: ${what}`, () => {
      const got = read(text);
      assert.ok('faults' in got);
      assert.match(got.faults[0] ?? '', rule);
      assert.ok(!JSON.stringify(got).includes(A), 'a fault must not show a token');
    });
  }
});

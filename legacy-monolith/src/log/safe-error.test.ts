import assert from 'node:assert/strict';
import { test } from 'node:test';
import { safeError } from './safe-error.ts';

test('card numbers, keys and quoted values are taken out of messages, causes too', () => {
  const cause = new Error('key mk_demo_globetrotter_0001 and "alice@example.com"');
  const error = Object.assign(new Error('card 4111-1111 1111 1111 in column "card_number"', { cause }), {
    code: '22P02',
    detail: 'Key (email)=(alice@example.com)',
    parameters: ['4111111111111111'],
  });
  const safe = safeError(error);
  assert.equal(safe.message, 'card … in column "card_number"');
  assert.equal(safe.code, '22P02');
  assert.equal(safe.cause?.message, 'key … and "…"');
  assert.doesNotMatch(JSON.stringify(safe), /alice|4111|globetrotter/);
});

test('what is thrown without being an error is not shown', () => {
  assert.deepEqual(safeError('4111111111111111'), {
    type: 'string',
    message: 'something that is no Error was thrown',
  });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createFormTokens, FORM_TOKEN_MS } from './form-token.ts';

function tokensAt(start: string) {
  let nowMs = Date.parse(start);
  let drawn = 0;
  const tokens = createFormTokens({
    secret: 'a secret of sixteen',
    clock: () => new Date(nowMs),
    randomBytes: (bytes) => {
      drawn += 1;
      return Buffer.alloc(bytes, drawn);
    },
  });
  return {
    tokens,
    pass: (ms: number) => {
      nowMs += ms;
    },
  };
}

test('a token is good for its own session and its own purpose', () => {
  const { tokens } = tokensAt('2026-11-22T10:00:00Z');
  const token = tokens.issue('session-1', 'pay:17');
  assert.equal(tokens.verify(token, 'session-1', 'pay:17'), 'valid');
  assert.equal(tokens.verify(token, 'session-2', 'pay:17'), 'forged');
  assert.equal(tokens.verify(token, 'session-1', 'pay:18'), 'forged');
});

test('nothing that was not issued is taken', () => {
  const { tokens } = tokensAt('2026-11-22T10:00:00Z');
  const token = tokens.issue('s', 'book');
  const [issued, nonce, signature] = token.split('.') as [string, string, string];
  const forgeries = [
    undefined,
    '',
    'x',
    `${issued}.${nonce}.`,
    `${issued}.${nonce}.${'A'.repeat(43)}`,
    `${issued}1.${nonce}.${signature}`,
    `${issued}.${nonce.slice(0, -1)}_.${signature}`,
    `${token}.more`,
  ];
  for (const forged of forgeries) assert.equal(tokens.verify(forged, 's', 'book'), 'forged');
});

test('a form that was left open too long is told from a forged one', () => {
  const { tokens, pass } = tokensAt('2026-11-22T10:00:00Z');
  const token = tokens.issue('s', 'book');
  pass(FORM_TOKEN_MS);
  assert.equal(tokens.verify(token, 's', 'book'), 'valid');
  pass(1);
  assert.equal(tokens.verify(token, 's', 'book'), 'expired');
});

test('each form shown has a token of its own', () => {
  const { tokens } = tokensAt('2026-11-22T10:00:00Z');
  assert.notEqual(tokens.issue('s', 'book'), tokens.issue('s', 'book'));
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { answerType, gatewayAnswer } from './gateway-answer.ts';

describe('an answer of our own', () => {
  for (const [accept, type] of [
    [undefined, 'application/json'],
    ['', 'application/json'],
    ['*/*', 'application/json'],
    ['text/*', 'text/html'],
    ['text/plain', 'text/plain'],
    ['text/html;q=0.1, text/plain;q=0.2', 'text/plain'],
    ['application/json;q=0, */*', 'text/html'],
    ['text/html;q=nonsense, text/plain;q=0.1', 'text/plain'],
    ['image/png', 'application/json'],
    ['TEXT/HTML', 'text/html'],
  ] as const) {
    it(`to ${accept ?? 'no Accept'} is ${type}`, () => {
      assert.equal(answerType(accept), type);
    });
  }

  it('comes whatever the client accepts', () => {
    fc.assert(fc.property(fc.string(), (accept) => assert.ok(gatewayAnswer(504, accept).body.length > 0)));
  });
});

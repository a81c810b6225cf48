import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseParty } from './party.ts';

test('a party is one to nine, with no more infants than laps', () => {
  assert.deepEqual(parseParty({}), { adults: 1, infants: 0 });
  assert.deepEqual(parseParty({ adults: '2', infants: '1' }), { adults: 2, infants: 1 });
  assert.deepEqual(parseParty({ adults: '0', infants: '3' }), { adults: 1, infants: 1 });
  assert.deepEqual(parseParty({ adults: '99' }), { adults: 9, infants: 0 });
  assert.deepEqual(parseParty({ adults: '8', infants: '8' }), { adults: 8, infants: 1 });
  assert.deepEqual(parseParty({ adults: 'x', infants: '-1' }), { adults: 1, infants: 0 });
});

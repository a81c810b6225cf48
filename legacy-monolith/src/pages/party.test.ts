import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseParty, partyFaults } from './party.ts';

test('a party is one to nine, with no more infants than laps', () => {
  assert.deepEqual(parseParty({}), { adults: 1, infants: 0 });
  assert.deepEqual(parseParty({ adults: '2', infants: '1' }), { adults: 2, infants: 1 });
  assert.deepEqual(parseParty({ adults: '0', infants: '3' }), { adults: 1, infants: 1 });
  assert.deepEqual(parseParty({ adults: '99' }), { adults: 9, infants: 0 });
  assert.deepEqual(parseParty({ adults: '8', infants: '8' }), { adults: 8, infants: 1 });
  assert.deepEqual(parseParty({ adults: 'x', infants: '-1' }), { adults: 1, infants: 0 });
});

test('a search tells what is wrong of a party, where a link is brought to the nearest that makes sense', () => {
  assert.deepEqual(partyFaults({}), {});
  assert.deepEqual(partyFaults({ adults: '', infants: '' }), {});
  assert.deepEqual(partyFaults({ adults: '5', infants: '4' }), {});
  for (const adults of ['0', '10', '99', '-1', 'two', '1.5']) {
    assert.deepEqual(partyFaults({ adults }), { adults: 'Must be 1 to 9.' }, adults);
  }
  const infants = (adults: string, count: string) => partyFaults({ adults, infants: count }).infants;
  assert.match(infants('1', '2') ?? '', /not be more than the adults/);
  assert.match(infants('6', '4') ?? '', /9 passengers together/);
  assert.match(infants('2', 'x') ?? '', /number/);
});

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { discardedEntry, readContent, readLetter } from './read-letter.ts';

const ID = '0198c4b2-7f00-7000-8000-000000000001';

describe('a dead letter', () => {
  it('says what it is, why, after how many attempts and since when', () => {
    const fields = ['bookingPlaced', 'refused: NO_FARE', '1', '1763800000000', '1763799999000'];
    assert.deepEqual(readLetter(ID, fields, 412), {
      id: ID,
      type: 'bookingPlaced',
      reason: 'refused: NO_FARE',
      attempts: 1,
      since: '2025-11-22T08:26:40.000Z',
      bytes: 412,
    });
  });

  it('is none where its job is gone, and is shown whatever else is missing', () => {
    assert.equal(readLetter(ID, [null, null, null, null, null], 0), undefined);
    const shown = readLetter(ID, ['unknown', null, 'x', null, '9e99'], 0);
    assert.deepEqual([shown?.reason, shown?.attempts, shown?.since], ['', 0, '1970-01-01T00:00:00.000Z']);
  });

  it('has what its job says, as far as that can be', () => {
    const body = Buffer.from('an event').toString('base64');
    const whole = { schema: 'events.v1', source: 'billing', body };
    assert.deepEqual(readContent(JSON.stringify(whole)), { ...whole, bodyBytes: 8 });
    const nothing = { source: null, schema: null, body: null, bodyBytes: null };
    for (const data of ['', '{"', 'null', '7', '{"source":"a:b","schema":7,"body":"not base64!"}']) {
      assert.deepEqual(readContent(data), nothing, data);
    }
  });

  it('is told to its outbox when it is discarded, by the id that the outbox has for it', () => {
    assert.equal(discardedEntry(ID, 'a test'), `x${ID} discarded: a test`);
    assert.equal(discardedEntry('repeat:1', 'a test'), undefined);
  });
});

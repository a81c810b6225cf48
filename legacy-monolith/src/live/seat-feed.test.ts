import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSeatChange } from './seat-feed.ts';

test('a notification is a seat change, or nothing', () => {
  assert.deepEqual(parseSeatChange('{"flight_id":"9007199254740993","seat":"12A","op":"taken"}'), {
    flightId: '9007199254740993',
    seat: '12A',
    op: 'taken',
  });
  for (const payload of [
    undefined,
    '',
    'null',
    '[]',
    '{',
    '{"flight_id":7,"seat":"12A","op":"taken"}',
    '{"flight_id":"7","seat":"__proto__","op":"taken"}',
    '{"flight_id":"7","seat":"12A","op":"sold"}',
  ]) {
    assert.equal(parseSeatChange(payload), null);
  }
});

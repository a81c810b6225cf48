import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRoutes } from './routes.ts';

test('an event goes to the queue that names its type, else to the last', () => {
  const routes = parseRoutes('billing-events:bookingPlaced,holdExpired;booking-events');
  assert.deepEqual(routes.queues, ['billing-events', 'booking-events']);
  for (const [type, queue] of [
    ['bookingPlaced', 'billing-events'],
    ['holdExpired', 'billing-events'],
    ['invoicePaid', 'booking-events'],
    [null, 'booking-events'],
  ] as const) {
    assert.equal(routes.queueOf(type), queue);
  }
});

test('a full queue holds up its own events alone', () => {
  const routes = parseRoutes('a:one,two;b:three;c');
  for (const [full, types, areWanted] of [
    [[], [], false],
    [['a'], ['one', 'two'], false],
    [['c'], ['one', 'two', 'three'], true],
    [['a', 'c'], ['three'], true],
    [['a', 'b', 'c'], [], true],
  ] as const) {
    assert.deepEqual(routes.filterFor(new Set<string>(full)), { types, areWanted }, full.join());
  }
});

test('routes that leave anything open are refused', () => {
  for (const wrong of [
    '',
    'a:one',
    'a;b',
    'a:one;a',
    'a:one;b:one;c',
    'a:;b',
    'a:one:two;b',
    'A',
    'a:one;',
  ]) {
    assert.throws(() => parseRoutes(wrong), Error, wrong);
  }
});

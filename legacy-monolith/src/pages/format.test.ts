import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  daysBetween,
  displayCode,
  displayDate,
  displayDateTime,
  displayDuration,
  displayMoney,
  initialsOf,
  shiftDay,
} from './format.ts';

test('a moment reads the same whichever form it was stored in', () => {
  const shown = 'Sun 22 Nov 2026, 19:30';
  assert.equal(displayDateTime('2026-11-22 19:30:00'), shown);
  assert.equal(displayDateTime('2026-11-22T19:30:00.000Z'), shown);
  assert.equal(displayDateTime(new Date('2026-11-22T19:30:00Z')), shown);
  assert.equal(displayDate('2026-11-22'), 'Sun 22 Nov 2026');
});

test('durations leave out what is nought', () => {
  assert.equal(displayDuration('2026-11-22 23:10:00', '2026-11-23 01:45:00'), '2 h 35 min');
  assert.equal(displayDuration('2026-11-22 10:00:00', '2026-11-22 10:55:00'), '55 min');
  assert.equal(displayDuration('2026-11-22 10:00:00', '2026-11-22 12:00:00'), '2 h');
});

test('a flight over midnight arrives one day later', () => {
  assert.equal(daysBetween('2026-12-31 23:10:00', '2027-01-01 01:45:00'), 1);
  assert.equal(daysBetween('2026-11-22 00:10:00', '2026-11-22 23:45:00'), 0);
});

test('money keeps every digit and gains a symbol', () => {
  assert.equal(displayMoney('1412.50', 'EUR'), '€1,412.50');
  assert.equal(displayMoney('1234567890123.05', 'EUR'), '€1,234,567,890,123.05');
  assert.equal(displayMoney('-50.00', 'EUR'), '-€50.00');
  assert.equal(displayMoney('7.00', 'SEK'), 'SEK 7.00');
});

test('codes become words, names become initials', () => {
  assert.equal(displayCode('PARTIALLY_REFUNDED'), 'Partially refunded');
  assert.equal(initialsOf('Alice van der Berg'), 'AB');
  assert.equal(initialsOf('Cher'), 'C');
  assert.equal(initialsOf('𝒜lice Ölander'), '𝒜Ö');
});

test('days are counted across months and years', () => {
  assert.equal(shiftDay('2026-12-31', 1), '2027-01-01');
  assert.equal(shiftDay('2026-03-01', -1), '2026-02-28');
});

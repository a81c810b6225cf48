import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Booking,
  type BookingStatus,
  holdForPayment,
  requireActive,
  requireCancellable,
  requireVersion,
  wholeSeconds,
} from './booking.ts';
import { capacityOf, type FlightStatus, hasDeparted, hasSeat, isClosedForBooking, isSeat } from './flight.ts';

const NOW = new Date('2026-11-22T12:00:00.250Z');
const inMs = (ms: number): Date => new Date(NOW.getTime() + ms);
const MINUTE = 60_000;
const flight = (status: FlightStatus, departsInMs: number) => ({
  number: 'MA101',
  status,
  departsAt: inMs(departsInMs),
});

test('a flight closes for booking an hour before it departs, and when it has left or is cancelled', () => {
  for (const [status, departsInMs, isClosed, isGone] of [
    ['SCHEDULED', 61 * MINUTE, false, false],
    ['SCHEDULED', 60 * MINUTE, false, false],
    ['SCHEDULED', 60 * MINUTE - 1, true, false],
    ['BOARDING', 90 * MINUTE, false, false],
    ['DELAYED', 90 * MINUTE, false, false],
    ['DELAYED', 1, true, false],
    ['DELAYED', 0, true, true],
    ['DEPARTED', 90 * MINUTE, true, true],
    ['ARRIVED', 90 * MINUTE, true, true],
    ['CANCELLED', 90 * MINUTE, true, false],
  ] as const) {
    const each = flight(status, departsInMs);
    assert.equal(isClosedForBooking(each, NOW), isClosed, `${status} ${departsInMs}`);
    assert.equal(hasDeparted(each, NOW), isGone, `${status} ${departsInMs}`);
  }
});

test('a seat is a row and a column that the cabin has', () => {
  const cabin = { rows: 20, columns: 'ABCDEF' };
  assert.equal(capacityOf({ cabin }), 120);
  for (const text of ['1A', '20F', '9B']) assert.ok(isSeat(text) && hasSeat(cabin, text), text);
  for (const text of ['21A', '1G']) assert.ok(isSeat(text) && !hasSeat(cabin, text), text);
  for (const text of ['', '0A', '100A', '1a', 'A1', '1L', '1A ', '01A']) assert.ok(!isSeat(text), text);
});

test('what can be done to a booking follows from its status, and from whether its flight has left', () => {
  const refusedWith = (work: () => void): string | null => {
    try {
      work();
      return null;
    } catch (error) {
      return (error as { reason: string }).reason;
    }
  };
  const later = flight('SCHEDULED', 1);
  for (const [status, change, cancel, cancelLate] of [
    ['HELD', null, null, 'FLIGHT_DEPARTED'],
    ['CONFIRMED', null, null, 'FLIGHT_DEPARTED'],
    ['CANCELLED', 'NOT_ACTIVE', 'ALREADY_FINAL', 'ALREADY_FINAL'],
    ['EXPIRED', 'NOT_ACTIVE', 'ALREADY_FINAL', 'ALREADY_FINAL'],
  ] as const satisfies [BookingStatus, string | null, string | null, string][]) {
    assert.equal(
      refusedWith(() => requireActive({ status })),
      change,
    );
    assert.equal(
      refusedWith(() => requireCancellable({ status, flight: later }, NOW)),
      cancel,
    );
    const gone = flight('DEPARTED', 1);
    assert.equal(
      refusedWith(() => requireCancellable({ status, flight: gone }, NOW)),
      cancelLate,
    );
  }
  assert.equal(
    refusedWith(() => requireVersion({ version: 3 }, null)),
    null,
  );
  assert.equal(
    refusedWith(() => requireVersion({ version: 3 }, 3)),
    null,
  );
  assert.equal(
    refusedWith(() => requireVersion({ version: 3 }, 2)),
    'VERSION_MISMATCH',
  );
});

test('a payment has a hold of a quarter of an hour at least, and none without a hold', () => {
  const held = (
    leftMs: number,
    status: BookingStatus = 'HELD',
  ): Pick<Booking, 'status' | 'holdExpiresAt'> => ({
    status,
    holdExpiresAt: status === 'HELD' ? inMs(leftMs) : null,
  });
  assert.deepEqual(holdForPayment(held(20 * MINUTE), NOW), inMs(20 * MINUTE));
  // Whole seconds: what the booking shows is what it has.
  assert.deepEqual(holdForPayment(held(1), NOW), new Date('2026-11-22T12:15:00.000Z'));
  for (const booking of [held(0), held(-1), held(9, 'CONFIRMED'), held(9, 'CANCELLED'), held(9, 'EXPIRED')]) {
    assert.throws(() => holdForPayment(booking, NOW), { reason: 'HOLD_OVER' });
  }
  assert.deepEqual(wholeSeconds(NOW), new Date('2026-11-22T12:00:00.000Z'));
});

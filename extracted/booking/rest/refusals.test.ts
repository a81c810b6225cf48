import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ServiceRefusal } from '@banyan/gateway/carve-out';
import { Refusal } from '@meridian/habits/refusal';
import { inBookingsWords } from './refusals.ts';

const refusal = (reason: string, metadata: Record<string, string> = {}): ServiceRefusal =>
  new ServiceRefusal({
    code: 9,
    reason,
    domain: 'booking',
    metadata,
    violations: [],
    retryAfterSeconds: undefined,
  });

const said = async (error: Error): Promise<readonly [number, string]> => {
  const answer = await inBookingsWords(() => Promise.reject(error), 'cannot be changed');
  return [answer.status, String(answer.body)];
};

const body = (status: number, message: string): string =>
  `{"status":"error","code":"BKG-${status}","message":"${message}"}`;

const WORDS: readonly (readonly [string, Record<string, string>, number, string])[] = [
  ['ROLE_FORBIDDEN', {}, 403, 'Your role may not do this.'],
  ['BOOKING_NOT_FOUND', {}, 404, 'No such booking.'],
  ['FLIGHT_NOT_FOUND', { field: 'flight_id' }, 422, 'flight_id: no such flight'],
  ['ACCOUNT_NOT_FOUND', { field: 'account_id' }, 422, 'account_id: no such account'],
  [
    'SEAT_NOT_ON_AIRCRAFT',
    { field: 'passengers[1].seat', seat: '99A' },
    422,
    'passengers[1].seat: this aircraft has no seat 99A',
  ],
  ['IDEMPOTENCY_KEY_REUSED', {}, 422, 'This Idempotency-Key was used for another request.'],
  ['IDEMPOTENCY_KEY_IN_USE', {}, 409, 'The first request with this Idempotency-Key is still under way.'],
  ['SEAT_TAKEN', { seat: '12A' }, 409, 'Seat 12A is taken.'],
  ['FLIGHT_CLOSED', { flight: 'MA1' }, 409, 'Flight MA1 is closed for booking.'],
  ['FLIGHT_FULL', { flight: 'MA1' }, 409, 'Flight MA1 is full.'],
  ['FLIGHT_DEPARTED', { flight: 'MA1' }, 409, 'Flight MA1 has departed.'],
  ['ALREADY_FINAL', {}, 409, 'Booking is already cancelled.'],
  ['NOT_ACTIVE', { status: 'EXPIRED' }, 409, 'Booking is expired and cannot be changed.'],
  ['VERSION_MISMATCH', {}, 412, 'The booking was changed meanwhile.'],
  ['TOO_MANY_STREAMS', {}, 503, 'Too many exports are running. Please try again later.'],
  ['DATABASE_UNAVAILABLE', {}, 503, 'The service is unavailable. Please try again later.'],
];

describe('what booking refuses, in the contract’s words', () => {
  for (const [reason, metadata, status, message] of WORDS) {
    it(`${reason}: ${status}`, async () => {
      assert.deepEqual(await said(refusal(reason, metadata)), [status, body(status, message)]);
    });
  }

  it('what the translation refuses itself', async () => {
    assert.deepEqual(await said(new Refusal('invalid', 'note is wrong')), [422, body(422, 'note is wrong')]);
  });

  it('a reason without words, and any other error, are the gateway’s to answer', async () => {
    for (const error of [refusal('SOMETHING_NEW'), new Error('broken')]) {
      await assert.rejects(
        inBookingsWords(() => Promise.reject(error)),
        error,
      );
    }
  });
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Event } from '@banyan/contracts/events/v1/events';
import { readEventJob, typeOfEvent } from './event-job.ts';

const ID = '6a0d5a3e-1f0b-4c3e-9d3a-0123456789ab';
const EVENT: Event = {
  id: ID,
  occurredAt: new Date('2026-11-22T19:30:00.123Z'),
  body: { $case: 'holdExpired', value: { bookingId: 2n ** 53n + 1n } },
};
const encoded = (event: Event): string => Buffer.from(Event.encode(event).finish()).toString('base64');
const JOB = { schema: 'events.v1', body: encoded(EVENT), source: 'booking' };

test('a job gives its event back, and the trace that it belongs to', () => {
  const job = { ...JOB, traceparent: `00-${'1'.repeat(32)}-${'2'.repeat(16)}-01` };
  assert.deepEqual(readEventJob(ID, job), { kind: 'item', item: EVENT, job });
});

test('what can never be taken is told with its reason, and with whom to tell', () => {
  const nobody = encoded({ ...EVENT, body: undefined });
  for (const [data, poison, source] of [
    [null, 'UNREADABLE_JOB', null],
    ['x', 'UNREADABLE_JOB', null],
    [{ ...JOB, source: '' }, 'UNREADABLE_JOB', null],
    [{ ...JOB, body: 7 }, 'UNREADABLE_JOB', 'booking'],
    [{ ...JOB, schema: 'events.v2' }, 'UNKNOWN_VERSION', 'booking'],
    [{ ...JOB, schema: 'constructor' }, 'UNKNOWN_VERSION', 'booking'],
    [{ ...JOB, body: '///' }, 'UNDECODABLE', 'booking'],
    [{ ...JOB, body: '////' }, 'UNDECODABLE', 'booking'],
    [{ ...JOB, body: nobody }, 'UNKNOWN_TYPE', 'booking'],
  ] as const) {
    assert.deepEqual(readEventJob(ID, data), { kind: 'poison', poison, source }, JSON.stringify(data));
  }
  const other = readEventJob('7a0d5a3e-1f0b-4c3e-9d3a-0123456789ab', JOB);
  assert.deepEqual(other, { kind: 'poison', poison: 'ID_DIFFERS', source: 'booking' });
});

test('the type of an event is known without its receiver, where there is one', () => {
  assert.equal(typeOfEvent(Event.encode(EVENT).finish()), 'holdExpired');
  assert.equal(typeOfEvent(Event.encode({ ...EVENT, body: undefined }).finish()), null);
  assert.equal(typeOfEvent(Buffer.from([0xff, 0xff])), null);
});

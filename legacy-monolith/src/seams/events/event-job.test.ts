import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Event } from '@banyan/contracts/events/v1/events';
import { readEventJob, sourceOf } from './event-job.ts';

const ID = '0b9f1c6e-3f0b-4a53-9d0e-6f6c0f0f7a11';
const bytes = (event: Partial<Event>): string =>
  Buffer.from(Event.encode({ id: ID, occurredAt: undefined, body: undefined, ...event }).finish()).toString(
    'base64',
  );
const expired = bytes({ body: { $case: 'holdExpired', value: { bookingId: 7n } } });
const job = { schema: 'events.v1', body: expired, source: 'booking' };

test('a job gives its event, whose outbox it is from, and its trace', () => {
  const reading = readEventJob(ID, { ...job, traceparent: 'of the writer' });
  assert.ok(reading.kind === 'event');
  assert.deepEqual(reading.event.body, { $case: 'holdExpired', value: { bookingId: 7n } });
  assert.deepEqual([reading.source, reading.traceParent], ['booking', 'of the writer']);
});

test('a job that can never be done says why, and where it is from if that can be told', () => {
  const poisonOf = (data: unknown, id = ID) => {
    const reading = readEventJob(id, data);
    return reading.kind === 'poison' ? reading.poison : undefined;
  };
  for (const data of [
    null,
    'text',
    {},
    { ...job, source: '' },
    { ...job, schema: 1 },
    { ...job, body: {} },
  ]) {
    assert.equal(poisonOf(data), 'UNREADABLE_JOB');
  }
  assert.equal(poisonOf({ ...job, schema: 'events.v2' }), 'UNKNOWN_VERSION');
  assert.equal(poisonOf({ ...job, schema: 'constructor' }), 'UNKNOWN_VERSION');
  assert.equal(poisonOf({ ...job, body: 'no base64!' }), 'UNDECODABLE');
  assert.equal(poisonOf({ ...job, body: '/w==' }), 'UNDECODABLE');
  assert.equal(poisonOf({ ...job, body: bytes({}) }), 'UNKNOWN_TYPE');
  assert.equal(poisonOf(job, 'another'), 'ID_DIFFERS');
  assert.equal(sourceOf({ ...job, schema: 1 }), 'booking');
  assert.equal(sourceOf(null), null);
});

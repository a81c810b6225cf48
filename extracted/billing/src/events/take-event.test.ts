import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refuse } from '@banyan/service-kit/errors';
import { Refusal } from '../domain/refusal.ts';
import { eventFaultKindOf } from './take-event.ts';

test('faults of events by their kind: what makes no sense is refused, what needs somebody who is away waits', () => {
  for (const [error, kind] of [
    [new Refusal('EVENT_MALFORMED', { metadata: { field: 'total' } }), 'refused'],
    [new Refusal('NOT_THE_OWNER'), 'away'],
    [refuse('UNAVAILABLE', 'DATABASE_UNAVAILABLE'), 'away'],
    [Object.assign(new Error('connect'), { code: 'ECONNREFUSED', syscall: 'connect' }), 'away'],
    [Object.assign(new Error('fenced'), { code: 'BNY01', severity: 'ERROR' }), 'away'],
    [new Refusal('ACQUIRER_UNAVAILABLE'), 'away'],
    [new Refusal('OUTCOME_UNKNOWN'), 'away'],
    [new Error('a mistake of ours'), 'unexpected'],
  ] as const) {
    assert.equal(eventFaultKindOf(error), kind, error.message);
  }
  assert.equal(
    new Refusal('EVENT_MALFORMED', { metadata: { field: 'total' } }).message,
    'EVENT_MALFORMED field=total',
  );
});

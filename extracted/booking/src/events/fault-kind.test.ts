import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RemoteError, type RpcCode, refuse } from '@banyan/service-kit/errors';
import { Refusal } from '../domain/refusal.ts';
import { faultKindOfIntake } from './fault-kind.ts';

test('what keeps an event from being taken decides whether it is tried again, and how often', () => {
  const remote = (code: RpcCode) => new RemoteError(code, 'DirectoryService/GetFlight');
  const kinds = [
    new Refusal('EVENT_MALFORMED'),
    new Refusal('NOT_THE_OWNER'),
    new Refusal('FACTS_UNAVAILABLE'),
    new Refusal('BOOKING_NOT_FOUND'),
    remote('UNAVAILABLE'),
    remote('DEADLINE_EXCEEDED'),
    refuse('UNAVAILABLE', 'DATABASE_UNAVAILABLE'),
    new Error('a mistake'),
  ].map(faultKindOfIntake);
  assert.deepEqual(kinds, ['refused', 'away', 'away', 'unexpected', 'away', 'away', 'away', 'unexpected']);
});

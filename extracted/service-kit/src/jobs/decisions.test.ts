import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RemoteError, refuse } from '../errors.ts';
import { judge } from './job-runner.ts';
import { keepRefusal, keptRefusal } from './refusals.ts';
import { JobLost } from './result-writer.ts';
import { decideBeginning } from './run-table.ts';

test('a job begins when it waits or its process has died, for whoever comes first, and ends otherwise', () => {
  const row = { state: 'QUEUED', is_leased: false, is_cancel_asked: false, crashes: 0 } as const;
  const running = { ...row, state: 'RUNNING' } as const;
  assert.equal(decideBeginning(row), 'begin');
  assert.equal(decideBeginning(running), 'begin');
  assert.equal(decideBeginning(undefined), 'over');
  for (const state of ['SUCCEEDED', 'FAILED', 'CANCELLED'] as const) {
    assert.equal(decideBeginning({ ...row, state }), 'over');
  }
  assert.equal(decideBeginning({ ...running, is_leased: true }), 'taken');
  assert.equal(decideBeginning({ ...running, is_leased: true, is_cancel_asked: true }), 'taken');
  assert.equal(decideBeginning({ ...running, is_cancel_asked: true }), 'CANCELLED');
  assert.equal(decideBeginning({ ...running, crashes: 19 }), 'FAILED');
  assert.equal(decideBeginning({ ...row, crashes: 19 }), 'begin', 'it was given back by one that lived');
});

test('an attempt that throws is a refusal, or is tried again', () => {
  const away = Object.assign(new Error('shut down'), { code: '57P01', severity: 'FATAL' });
  const remote = new RemoteError('UNAVAILABLE', 'GetFlight');
  const cases = [
    [refuse('NOT_FOUND', 'X'), null, 0, 'refused'],
    [refuse('RESOURCE_EXHAUSTED', 'RESPONSE_TOO_LARGE'), null, 0, 'refused'],
    [refuse('RESOURCE_EXHAUSTED', 'TOO_MANY_STREAMS'), null, 0, 'away'],
    [refuse('UNAVAILABLE', 'X'), null, 9, 'away'],
    [refuse('FAILED_PRECONDITION', 'NOT_THE_OWNER'), null, 9, 'away'],
    [refuse('ABORTED', 'IDEMPOTENCY_KEY_IN_USE'), null, 9, 'away'],
    [away, null, 9, 'away'],
    [remote, null, 9, 'away'],
    [new JobLost(), null, 9, 'away'],
    [new Error('a mistake'), null, 0, 'failed'],
    [new Error('a mistake'), null, 2, 'failed'],
    [new Error('a mistake'), null, 3, 'refused'],
    [new Error('aborted'), 'cancelled', 0, 'cancelled'],
    [new Error('aborted'), 'late', 0, 'refused'],
    [new Error('aborted'), 'stopping', 9, 'away'],
    [refuse('NOT_FOUND', 'X'), 'lost', 0, 'away'],
  ] as const;
  for (const [error, cutBy, before, verdict] of cases) {
    assert.equal(judge(error, cutBy, before), verdict, `${error} ${cutBy} ${before}`);
  }
});

test('a kept refusal is the refusal', () => {
  const plain = refuse('PERMISSION_DENIED', 'ROLE_FORBIDDEN', { domain: 'billing' });
  const full = refuse('INVALID_ARGUMENT', 'INVALID_FIELDS', {
    domain: 'billing',
    message: 'said',
    metadata: { left: '12.50' },
    violations: [{ field: 'amount', description: 'invalid' }],
    retryAfterSeconds: 3,
  });
  for (const refusal of [plain, full]) {
    const kept = keepRefusal(refusal);
    const { code, reason, domain, message, metadata, violations, retryAfterSeconds } = refusal;
    const again = keptRefusal(kept);
    assert.deepEqual(
      { ...again, message: again.message },
      { ...refusal, code, reason, domain, message, metadata, violations, retryAfterSeconds },
    );
    assert.deepEqual(keepRefusal(again), kept);
  }
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { notTheOwner, RpcRefusal } from '../rpc/errors.ts';
import { attemptsOf, EventFault, faultKindOf, retryMsOf } from './event-fault.ts';

test('a refusal is final, an owner elsewhere and a database away are waited for, the rest is unexpected', () => {
  assert.equal(faultKindOf(new RpcRefusal('INVALID_ARGUMENT', 'EVENT_UNKNOWN')), 'refused');
  assert.equal(faultKindOf(notTheOwner('billing')), 'away');
  assert.equal(faultKindOf(Object.assign(new Error('no'), { code: 'BNY01', severity: 'ERROR' })), 'away');
  assert.equal(faultKindOf(Object.assign(new Error('no'), { code: 'ECONNREFUSED' })), 'away');
  assert.equal(faultKindOf(Object.assign(new Error('full'), { code: '53100', severity: 'ERROR' })), 'away');
  assert.equal(faultKindOf(new Error('the booking of a paid invoice is not here')), 'unexpected');
});

test('what is away is tried for ever, up to 15 s apart; the unexpected eight times; the rest never again', () => {
  const least = () => 0;
  const most = () => 1;
  assert.equal(retryMsOf('poison', 1, least), null);
  assert.equal(retryMsOf('refused', 1, least), null);
  assert.deepEqual([retryMsOf('away', 1, least), retryMsOf('away', 1, most)], [125, 250]);
  assert.deepEqual([retryMsOf('away', 5_000, least), retryMsOf('away', 5_000, most)], [7_500, 15_000]);
  assert.equal(retryMsOf('unexpected', 7, most), 30_000);
  assert.equal(retryMsOf('unexpected', 8, most), null);
});

test('what is said of it holds no value of a client', () => {
  const fault = new EventFault('refused', 'of "Ada Lovelace" with 4242 4242 4242 4242', null);
  assert.equal(fault.message, 'refused: of "…" with …');
});

test('attempts for which something was away count for themselves', () => {
  const job = { attemptsStarted: 12, attemptsMade: 2 };
  assert.deepEqual([attemptsOf('away', job), attemptsOf('unexpected', job)], [10, 3]);
  assert.equal(attemptsOf('away', { attemptsStarted: 1, attemptsMade: 3 }), 1, 'of an earlier build');
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RemoteError, type RpcCode, refusalOf } from './errors.ts';
import { silentLogger } from './logger.ts';

const parts = { callId: 'c1', method: '/a/b', logger: silentLogger };
const remote = (code: RpcCode, reason = '', retryAfterSeconds?: number): RemoteError =>
  new RemoteError(code, '/other.v1.Other/Get', {
    reason,
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  });

test('another side that is away, or does not own what it is asked for, is a reason to come again', () => {
  for (const error of [
    remote('UNAVAILABLE'),
    remote('DEADLINE_EXCEEDED'),
    remote('FAILED_PRECONDITION', 'NOT_THE_OWNER'),
  ]) {
    const { code, reason, retryAfterSeconds } = refusalOf(error, parts);
    assert.deepEqual(
      [code, reason, retryAfterSeconds],
      ['UNAVAILABLE', 'DEPENDENCY_UNAVAILABLE', 1],
      error.message,
    );
  }
  assert.equal(refusalOf(remote('FAILED_PRECONDITION', 'NOT_THE_OWNER', 7), parts).retryAfterSeconds, 7);
});

test("another side's refusal that nobody expected is no answer of ours", () => {
  const { code, reason, message } = refusalOf(remote('FAILED_PRECONDITION', 'INVOICE_VOID'), parts);
  assert.deepEqual([code, reason, message], ['INTERNAL', 'INTERNAL', 'internal error c1']);
});

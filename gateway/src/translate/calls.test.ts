import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, it } from 'node:test';
import { Metadata } from '@grpc/grpc-js';
import { createBreaker } from '../resilience/breaker.ts';
import { createBulkhead } from '../resilience/bulkhead.ts';
import { createRetryBudget } from '../resilience/retry-budget.ts';
import { type AnyMethod, Calls } from './calls.ts';
import type { CallOutcome, ServiceLink } from './service-link.ts';

const METHOD = { path: '/a.v1.A/B' } as AnyMethod;

/** A service that sends one message of a stream, and then nothing for long. */
function openCalls() {
  const ended: CallOutcome[] = [];
  const client = {
    makeServerStreamRequest: () => {
      const stream = new Readable({ objectMode: true, read: () => {} });
      stream.push('first');
      const cancel = () => stream.destroy(Object.assign(new Error('cancelled'), { code: 1 }));
      return Object.assign(stream, { cancel });
    },
  };
  const link = {
    channel: { client, isReady: true, untilReady: async () => true },
    breaker: createBreaker(() => 0),
    bulkhead: createBulkhead({ activeMax: 1, waitingMax: 1 }),
    streams: createBulkhead({ activeMax: 1, waitingMax: 0 }),
    retries: createRetryBudget(0, 0),
    onCall: (outcome: CallOutcome) => ended.push(outcome),
  } as unknown as ServiceLink;
  const options = { isRead: true, deadlineMs: 20_000, deadlineAt: () => 20_000, leftMs: () => 20_000 };
  return { calls: new Calls(link, new Metadata(), options), link, ended };
}

describe('when nobody waits any more', () => {
  it('a stream that was begun and is not read on gives its place back, once', async () => {
    const { calls, link, ended } = openCalls();
    const messages = calls.stream(METHOD, null);
    assert.equal((await messages.next()).value, 'first');
    assert.deepEqual([link.streams.active, ended], [1, []]);
    calls.cancel('gone');
    assert.deepEqual([link.streams.active, ended], [0, ['gone']]);
    await messages.return(undefined);
    assert.deepEqual([link.streams.active, ended], [0, ['gone']]);
  });

  it('a stream of which something is waited for says why it ended', async () => {
    const { calls, link, ended } = openCalls();
    const messages = calls.stream(METHOD, null);
    await messages.next();
    const next = messages.next();
    calls.cancel('late');
    await assert.rejects(next, { kind: 'late' });
    assert.deepEqual([link.streams.active, ended], [0, ['late']]);
  });

  it('a call that comes after that does not queue for a place', async () => {
    const { calls, link, ended } = openCalls();
    assert.ok(link.bulkhead.tryEnter());
    calls.cancel('gone');
    const call = calls.unary(METHOD, null);
    call.catch(() => {});
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual([link.bulkhead.waiting, ended], [0, ['gone']]);
    await assert.rejects(call, { kind: 'gone' });
    assert.equal(link.bulkhead.active, 1);
  });
});

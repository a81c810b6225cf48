import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Queue } from '@banyan/gateway/carve-out';
import { queueNamesOf, routesOf } from './queues.ts';

const BILLING: Queue = { name: 'bills', consumer: 'billing', takes: ['bookingPlaced', 'holdExpired'] };
const BOOKING: Queue = { name: 'bookings', consumer: 'booking', takes: 'rest' };
const JOBS: Queue = { name: 'bill-jobs', consumer: 'billing', takes: 'jobs' };

test('an outbox brings its own jobs to their queue, and every event to one, the unknown to the last', () => {
  for (const [queues, source, routes] of [
    [[BOOKING, BILLING, JOBS], 'billing', 'bill-jobs:job;bills:bookingPlaced,holdExpired;bookings'],
    [[BOOKING, BILLING, JOBS], 'monolith', 'bills:bookingPlaced,holdExpired;bookings'],
    // A carve-out that has left the configuration takes its queue along.
    [[BILLING, JOBS], 'booking', 'bills'],
    [[JOBS], 'billing', 'bill-jobs'],
    [[JOBS], 'booking', null],
    [[], 'monolith', null],
  ] as const) {
    assert.equal(routesOf(queues, source), routes);
  }
});

test('a service is told what its queues are called', () => {
  const queues = [BILLING, BOOKING, JOBS];
  assert.deepEqual(queueNamesOf(queues, { name: 'billing', prefix: 'BILLING' }), {
    BILLING_EVENTS_QUEUE: 'bills',
    BILLING_JOBS_QUEUE: 'bill-jobs',
  });
  assert.deepEqual(queueNamesOf(queues, { name: 'seats', prefix: 'SEATS' }), {});
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SAMPLE_BOOKING } from '../domain/testing/sample-booking.ts';
import type { BookingTransaction, KeptAnswer } from '../storage/port.ts';
import { answerOnce, type RequestKey } from './request-key.ts';

const KEY: RequestKey = {
  accountId: 1n,
  operation: 'updateBooking',
  key: 'k',
  requestHash: Buffer.from('asked'),
  encode: ({ id }) => Buffer.from(`answer about ${id}`),
};

/** The keys of a transaction, of which `isFree` says whether another has this one. */
function openKeys({ isFree = true } = {}) {
  const kept: KeptAnswer[] = [];
  const tx = {
    tryLockKey: async () => isFree,
    findKey: async () => kept[0] ?? null,
    keepAnswer: async (_owner: unknown, answer: KeptAnswer) => void kept.push(answer),
  };
  return { kept, tx: tx as Partial<BookingTransaction> as BookingTransaction };
}

const now = () => new Date('2026-11-22T12:00:00Z');
const work = async () => ({ booking: SAMPLE_BOOKING, eventId: 'e' });

test('what was answered between the first look at a key and its transaction is answered again, and not done', async () => {
  const { tx, kept } = openKeys();
  const first = await answerOnce(tx, KEY, now, work);
  assert.deepEqual(first, { answered: { kind: 'done', booking: SAMPLE_BOOKING }, eventId: 'e' });
  const again = await answerOnce(tx, KEY, now, () => assert.fail('done twice'));
  const answer = Buffer.from(`answer about ${SAMPLE_BOOKING.id}`);
  assert.deepEqual(again, { answered: { kind: 'known', answer }, eventId: null });
  const other = answerOnce(tx, { ...KEY, requestHash: Buffer.from('other') }, now, work);
  await assert.rejects(other, { reason: 'IDEMPOTENCY_KEY_REUSED' });
  assert.equal(kept.length, 1);
});

test('a key that another transaction has is refused; a request without one keeps nothing', async () => {
  const taken = openKeys({ isFree: false });
  await assert.rejects(answerOnce(taken.tx, KEY, now, work), { reason: 'IDEMPOTENCY_KEY_IN_USE' });
  const { tx, kept } = openKeys();
  assert.equal((await answerOnce(tx, null, now, work)).eventId, 'e');
  assert.deepEqual(kept, []);
});

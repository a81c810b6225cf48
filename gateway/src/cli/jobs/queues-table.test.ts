import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DeadLetter, Queue } from '../admin/types.ts';
import { UNPAINTED } from '../terminal/paint.ts';
import { textWidth } from '../terminal/plain-text.ts';
import { addLook, NO_LOOKS, renderQueues } from './queues-table.ts';

const LAYOUT = { width: 80, paint: UNPAINTED, now: new Date('2026-11-23T12:00:00Z') };
const URL = 'http://127.0.0.1:8081';
const QUEUE: Queue = {
  name: 'billing-events',
  consumer: 'billing',
  takes: 'rest',
  jobs: { waiting: 12_345, active: 16, delayed: 2, dead: 4 },
  oldestSeconds: 75.2,
  completed: { total: 1_000, perMinute: 318.24 },
  died: { total: 4, perMinute: 0.04 },
  consumers: 2,
};
const QUIET: Queue = {
  ...QUEUE,
  name: 'booking-jobs',
  jobs: { waiting: 0, active: 0, delayed: 0, dead: 0 },
  oldestSeconds: null,
  completed: { total: 0, perMinute: 0 },
  died: { total: 0, perMinute: 0 },
  consumers: null,
};
const LETTER: DeadLetter = {
  id: '0198c4b2-7f00-7000-8000-000000000001',
  type: 'bookingPlaced',
  reason:
    'refused: EVENT_MALFORMED the total\u001b[2J is not the sum of its lines, and that is all there is to it',
  attempts: 1,
  since: '2026-11-23T11:57:00.000Z',
  bytes: 412,
};

describe('the table of the queues', () => {
  it('shows what they hold, how old it is, how fast it goes, and the latest dead letters, within 80 columns', () => {
    const letters = [{ queue: QUEUE.name, page: { total: 4, next: 1, deadLetters: [LETTER] } }];
    const lines = renderQueues({ queues: [QUEUE, QUIET], letters, looks: NO_LOOKS, url: URL }, LAYOUT);
    assert.deepEqual(lines, [
      'QUEUE          WAITING ACTIVE DELAYED DEAD OLDEST DONE/MIN DIED/MIN WORKERS',
      'billing-events  12,345     16       2    4  1 min      318     <0.1       2',
      'booking-jobs         0      0       0    0      –        0        0       ?',
      '',
      'billing-events: 4 dead letters',
      'DEAD LETTER                           TYPE           TRIED  SINCE',
      '0198c4b2-7f00-7000-8000-000000000001  bookingPlaced      1  3 min ago',
      '  refused: EVENT_MALFORMED the total\\u001b[2J is not the sum of its lines, and …',
      'more: banyan jobs list billing-events',
      '',
      `all replicas have the same queues; asked at ${URL}`,
    ]);
    assert.ok(Math.max(...lines.map(textWidth)) <= 80);
  });

  it('has the rates of what was seen, as long as it is watched', () => {
    const at = (total: number, died = 4): Queue[] => [
      { ...QUEUE, completed: { total, perMinute: 1 }, died: { total: died, perMinute: 1 } },
    ];
    const ratesOf = (looks: typeof NO_LOOKS) => {
      const [, row = ''] = renderQueues({ queues: at(0), letters: [], looks, url: URL }, LAYOUT);
      return row.trim().split(/\s+/).slice(-3, -1);
    };
    let looks = addLook(NO_LOOKS, at(100), 0);
    assert.deepEqual(ratesOf(looks), ['1.0', '1.0'], 'the first look says what Redis says');
    looks = addLook(looks, at(150, 5), 2_000);
    assert.deepEqual(ratesOf(looks), ['1,500', '30.0']);
    looks = addLook(looks, at(250, 5), 32_000);
    assert.deepEqual(ratesOf(looks), ['200', '0'], 'what is older than half a minute counts no more');
    looks = addLook(looks, at(3, 0), 34_000);
    assert.deepEqual(ratesOf(looks), ['1.0', '1.0'], 'a Redis that was emptied counts anew');
  });

  it('says where there are none', () => {
    const [line] = renderQueues({ queues: [], letters: [], looks: NO_LOOKS, url: URL }, LAYOUT);
    assert.match(line ?? '', /no queues: none is configured/);
  });
});

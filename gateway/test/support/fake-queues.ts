import {
  type DeadLetter,
  type InspectedLetter,
  type NamedQueue,
  type QueueReport,
  type Queues,
  QueuesAway,
} from '../../src/queues/queues.ts';

export const QUEUES: readonly NamedQueue[] = [
  { name: 'billing-events', consumer: 'billing', takes: ['bookingPlaced', 'holdExpired'] },
  { name: 'booking-events', consumer: 'booking', takes: 'rest' },
];

export type FakeQueues = Queues & {
  /** By queue, the latest first. */
  readonly dead: Map<string, InspectedLetter[]>;
  /** Why letters were settled, oldest first. */
  readonly settled: string[];
  report(name: string, changes: Partial<QueueReport>): void;
  /** Redis goes away: for every question, or for a change of which nobody knows what became. */
  takeAway(how?: 'at once' | 'with a change'): void;
  bringBack(): void;
};

export function letterOf(id: string, changes: Partial<InspectedLetter> = {}): InspectedLetter {
  return {
    id,
    type: 'bookingPlaced',
    reason: 'refused: EVENT_MALFORMED no amount',
    attempts: 1,
    since: '2026-11-22T19:31:07.000Z',
    bytes: 412,
    source: 'booking',
    schema: 'events.v1',
    body: 'AQID',
    bodyBytes: 3,
    ...changes,
  };
}

/** Queues in memory, as Redis would have them. */
export function createFakeQueues(
  letters: readonly InspectedLetter[] = [],
  named: readonly NamedQueue[] = QUEUES,
): FakeQueues {
  const dead = new Map(named.map(({ name }, index) => [name, index === 0 ? [...letters] : []]));
  const reports = new Map<string, Partial<QueueReport>>();
  const settled: string[] = [];
  let away: 'at once' | 'with a change' | undefined;
  const ask = (): void => {
    if (away === 'at once') throw new QueuesAway('connection refused');
  };
  const lettersOf = ({ name }: NamedQueue): InspectedLetter[] => dead.get(name) ?? [];
  const reportOf = (queue: NamedQueue): QueueReport => ({
    ...queue,
    jobs: { waiting: 3, active: 1, delayed: 0, dead: lettersOf(queue).length },
    oldestSeconds: 2.5,
    completed: { total: 120, perMinute: 12.5 },
    died: { total: 2, perMinute: 0 },
    consumers: 2,
    ...reports.get(queue.name),
  });
  const shown = ({ id, type, reason, attempts, since, bytes }: InspectedLetter): DeadLetter => ({
    id,
    type,
    reason,
    attempts,
    since,
    bytes,
  });
  return {
    named,
    dead,
    settled,
    report: (name, changes) => void reports.set(name, changes),
    takeAway: (how = 'at once') => {
      away = how;
    },
    bringBack: () => {
      away = undefined;
    },
    list: async () => {
      ask();
      return named.map(reportOf);
    },
    one: async (queue) => {
      ask();
      return reportOf(queue);
    },
    letters: async (queue, { offset, limit }) => {
      ask();
      const all = lettersOf(queue);
      return { letters: all.slice(offset, offset + limit).map(shown), total: all.length };
    },
    inspect: async (queue, id) => {
      ask();
      return lettersOf(queue).find((letter) => letter.id === id);
    },
    find: async (queue, { type, limit }) => {
      ask();
      const meant = lettersOf(queue).filter((letter) => type === undefined || letter.type === type);
      return { ids: meant.slice(0, limit).map(({ id }) => id), more: Math.max(0, meant.length - limit) };
    },
    settle: async (queue, ids, action) => {
      let [done, gone] = [0, 0];
      for (const id of ids) {
        if (away) return { done, gone, away: new QueuesAway('no answer in time', { isUnknown: true }) };
        const all = lettersOf(queue);
        const at = all.findIndex((letter) => letter.id === id);
        if (at < 0) gone += 1;
        else {
          all.splice(at, 1);
          settled.push(
            `${action.kind} ${queue.name} ${id}${action.kind === 'discard' ? `: ${action.reason}` : ''}`,
          );
          done += 1;
        }
      }
      return { done, gone };
    },
    bullQueues: async () => {
      ask();
      return [];
    },
    close: async () => {},
  };
}

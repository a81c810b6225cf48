import type { DeadLetters, Queue } from '../admin/types.ts';
import { countText, manyText, rateText, spanText } from '../terminal/figures.ts';
import type { Layout } from '../terminal/layout.ts';
import { plainText } from '../terminal/plain-text.ts';
import { type Cell, type Column, renderTable } from '../terminal/table.ts';
import { LETTER_COLUMNS, letterRows } from './letter-text.ts';

/** How many had ended at one look. */
type Look = { readonly atMs: number; readonly completed: number; readonly died: number };
/** By queue, oldest first. */
export type Looks = ReadonlyMap<string, readonly Look[]>;

export type SeenQueues = {
  readonly queues: readonly Queue[];
  /** The latest of each queue that has any. */
  readonly letters: readonly { readonly queue: string; readonly page: DeadLetters }[];
  readonly looks: Looks;
  readonly url: string;
};

export const NO_LOOKS: Looks = new Map();
const LOOKED_BACK_MS = 30_000;
const MINUTE_MS = 60_000;
/** From here on an age is something to look at. */
const OLD_SECONDS = 30;

const COLUMNS: readonly Column[] = [
  { title: 'QUEUE', widthMin: 12 },
  { title: 'WAITING', align: 'right' },
  { title: 'ACTIVE', align: 'right' },
  { title: 'DELAYED', align: 'right' },
  { title: 'DEAD', align: 'right' },
  { title: 'OLDEST', align: 'right' },
  { title: 'DONE/MIN', align: 'right' },
  { title: 'DIED/MIN', align: 'right' },
  { title: 'WORKERS', align: 'right' },
];

/** The looks with one more, without what is too long ago. */
export function addLook(looks: Looks, queues: readonly Queue[], atMs: number): Looks {
  return new Map(
    queues.map(({ name, completed, died }) => {
      const look = { atMs, completed: completed.total, died: died.total };
      const before = (looks.get(name) ?? []).filter((each) => each.atMs >= atMs - LOOKED_BACK_MS);
      // Redis was emptied, and counts anew.
      const isAnew = before.some((each) => each.completed > look.completed || each.died > look.died);
      return [name, isAnew ? [look] : [...before, look]];
    }),
  );
}

export function renderQueues({ queues, letters, looks, url }: SeenQueues, layout: Layout): string[] {
  if (queues.length === 0)
    return ['The gateway has no queues: none is configured, or no Redis is set for them.'];
  const rows = queues.map((queue) => rowOf(queue, looks.get(queue.name) ?? []));
  const lines = renderTable(COLUMNS, rows, { ...layout, gap: 1 });
  for (const { queue, page } of letters) {
    const name = plainText(queue);
    const heading = `${name}: ${manyText(page.total, 'dead letter')}`;
    lines.push('', layout.paint('bold', heading));
    lines.push(...renderTable(LETTER_COLUMNS, letterRows(page.deadLetters, layout.now), layout));
    if (page.next !== null) lines.push(layout.paint('dim', `more: banyan jobs list ${name}`));
  }
  return [...lines, '', layout.paint('dim', `all replicas have the same queues; asked at ${url}`)];
}

function rowOf(queue: Queue, looks: readonly Look[]): Cell[] {
  const { name, jobs, oldestSeconds, consumers } = queue;
  const rates = ratesOf(queue, looks);
  const isOld = oldestSeconds !== null && oldestSeconds >= OLD_SECONDS;
  return [
    plainText(name),
    countText(jobs.waiting),
    countText(jobs.active),
    { text: countText(jobs.delayed), style: jobs.delayed > 0 ? 'yellow' : undefined },
    { text: countText(jobs.dead), style: jobs.dead > 0 ? 'red' : undefined },
    { text: oldestSeconds === null ? '–' : spanText(oldestSeconds), style: isOld ? 'red' : undefined },
    rateText(rates.completed),
    { text: rateText(rates.died), style: rates.died > 0 ? 'red' : undefined },
    consumers === null ? '?' : { text: countText(consumers), style: consumers === 0 ? 'red' : undefined },
  ];
}

/** What was seen to happen; at the first look, what Redis says of the last minutes. */
function ratesOf(
  { completed, died }: Queue,
  looks: readonly Look[],
): { readonly completed: number; readonly died: number } {
  const [first, last] = [looks[0], looks.at(-1)];
  if (first === undefined || last === undefined || first === last) {
    return { completed: completed.perMinute, died: died.perMinute };
  }
  const minutes = (last.atMs - first.atMs) / MINUTE_MS;
  return {
    completed: (last.completed - first.completed) / minutes,
    died: (last.died - first.died) / minutes,
  };
}

import type { Queue as ShownQueue } from '@banyan/openapi/generated/admin';
import type { LetterAction, NamedQueue, QueueReport, Queues } from '../../queues/queues.ts';
import type { Author } from '../../rollout/flags.ts';
import type { ApiParts } from '../admin-parts.ts';
import { queuesUnavailable, Refusal } from '../problem.ts';
import {
  findQueue,
  judgeLetter,
  judgeLetters,
  type LettersKind,
  targetOf,
  unknownLetter,
} from '../queue-desk.ts';
import { type BodyOf, digits, type Reading, type Resource, type Writing } from '../resource.ts';

const LIMIT_MAX = 200;
const LIMIT_DEFAULT = 50;
const OFFSET_MAX = 1_000_000;

type Settled = BodyOf<'retryDeadLetters'>;
type Settling = {
  readonly queue: NamedQueue;
  readonly action: LetterAction;
  readonly author: Author;
  readonly ids: readonly string[];
  /** As the audit has it. */
  readonly target: string;
};

/** `/queues` and what is below it. */
export function createQueueRoutes({ flags, queues, status }: ApiParts): readonly Resource[] {
  /** A queue is known only where there are queues. */
  const found = (name: string): { readonly queue: NamedQueue; readonly from: Queues } => {
    const queue = findQueue(name, queues);
    return { queue, from: queues as Queues };
  };

  const list: Reading<BodyOf<'listQueues'>> = {
    answer: async () => ({ body: (await queues?.list())?.map(describe) ?? [] }),
  };
  const one: Reading<BodyOf<'getQueue'>> = {
    answer: async ({ params }) => {
      const { queue, from } = found(params.queue as string);
      return { body: describe(await from.one(queue)) };
    },
  };
  const letters: Reading<BodyOf<'listDeadLetters'>> = {
    query: { limit: digits(1, LIMIT_MAX), offset: digits(0, OFFSET_MAX) },
    answer: async ({ params, query }) => {
      const { queue, from } = found(params.queue as string);
      const { limit = LIMIT_DEFAULT, offset = 0 } = query as { limit?: number; offset?: number };
      const page = await from.letters(queue, { offset, limit });
      const next = offset + limit;
      return {
        body: {
          total: page.total,
          next: next < page.total ? next : null,
          deadLetters: page.letters.map((each) => ({ ...each })),
        },
      };
    },
  };
  const inspect: Reading<BodyOf<'inspectDeadLetter'>> = {
    answer: async ({ params }) => {
      const { queue, from } = found(params.queue as string);
      const id = params.id as string;
      const letter = await from.inspect(queue, id);
      if (letter === undefined) throw unknownLetter(queue, id);
      return { body: { ...letter } };
    },
  };

  /** Nobody settles what is not in the audit: it stands there first. */
  const settle = async ({ queue, action, author, ids, target }: Settling) => {
    if (status === undefined) {
      throw new Refusal('no-audit', 'Nothing is carved out here, so that there is no audit for this.');
    }
    const noted = { action: `${action.kind}-dead-letters` as const, target };
    await flags.note(noted, author);
    const { done, gone, away } = await (queues as Queues).settle(queue, ids, action);
    if (away !== undefined) throw queuesUnavailable(away, ids.length > 1 ? done : undefined);
    return { done, gone, noted: { ...noted, done, gone } };
  };
  const settleOne =
    (kind: LettersKind): Writing<Settled> =>
    async (request) => {
      const { queue, action, author, id } = judgeLetter(kind, request, queues);
      if ((await queues?.inspect(queue, id)) === undefined) throw unknownLetter(queue, id);
      const { done, gone, noted } = await settle({
        queue,
        action,
        author,
        ids: [id],
        target: targetOf(queue, { id }),
      });
      // Somebody else was quicker.
      if (done === 0) throw unknownLetter(queue, id);
      return { body: { queue: queue.name, action: kind, done, gone, left: 0 }, noted };
    };
  const settleSeveral =
    (kind: LettersKind): Writing<Settled> =>
    async (request) => {
      const { queue, action, author, type, limit } = judgeLetters(kind, request, queues);
      const { ids, more } = await (queues as Queues).find(queue, { type, limit });
      if (ids.length === 0) {
        return { body: { queue: queue.name, action: kind, done: 0, gone: 0, left: 0 } };
      }
      const target = targetOf(queue, { count: ids.length, type });
      const { done, gone, noted } = await settle({ queue, action, author, ids, target });
      const left = more + ids.length - done - gone;
      return { body: { queue: queue.name, action: kind, done, gone, left }, noted };
    };

  const path = '/queues/:queue';
  return [
    { path: '/queues', get: list },
    { path, get: one },
    { path: `${path}/retry`, post: settleSeveral('retry') },
    { path: `${path}/discard`, post: settleSeveral('discard') },
    { path: `${path}/dead-letters`, get: letters },
    { path: `${path}/dead-letters/:id`, get: inspect },
    { path: `${path}/dead-letters/:id/retry`, post: settleOne('retry') },
    { path: `${path}/dead-letters/:id/discard`, post: settleOne('discard') },
  ];
}

function describe({ takes, jobs, completed, died, ...report }: QueueReport): ShownQueue {
  return {
    ...report,
    takes: typeof takes === 'string' ? takes : [...takes],
    jobs: { ...jobs },
    completed: { ...completed },
    died: { ...died },
  };
}

import type { LetterAction, NamedQueue, Queues } from '../queues/queues.ts';
import type { Author } from '../rollout/flags.ts';
import { rule, wholeNumber } from './members.ts';
import { Refusal } from './problem.ts';
import { readWrite, type WriteRequest } from './write-request.ts';

export type LettersKind = LetterAction['kind'];

export type LawfulLetters = {
  readonly queue: NamedQueue;
  readonly action: LetterAction;
  readonly author: Author;
};

const LIMIT_MAX = 1_000;
const LIMIT_DEFAULT = 100;
const RULES = {
  type: rule(
    'must be a type of 1 to 200 characters',
    (value): value is string => typeof value === 'string' && value.length >= 1 && value.length <= 200,
  ),
  limit: wholeNumber(1, LIMIT_MAX),
};

/** Judges a wish for one dead letter by its queue. Pure; throws the refusal. */
export function judgeLetter(
  kind: LettersKind,
  request: WriteRequest,
  queues: Queues | undefined,
): LawfulLetters & { readonly id: string } {
  const { author } = readWrite(request, {}, []);
  const queue = findQueue(request.params.queue as string, queues);
  return { queue, action: actionOf(kind, author), author, id: request.params.id as string };
}

/** Judges a wish for several dead letters of a queue. Pure; throws the refusal. */
export function judgeLetters(
  kind: LettersKind,
  request: WriteRequest,
  queues: Queues | undefined,
): LawfulLetters & { readonly type: string | undefined; readonly limit: number } {
  const { values, author } = readWrite(request, RULES, []);
  const queue = findQueue(request.params.queue as string, queues);
  const { type, limit = LIMIT_DEFAULT } = values;
  return { queue, action: actionOf(kind, author), author, type, limit };
}

function actionOf(kind: LettersKind, { reason }: Author): LetterAction {
  return kind === 'retry' ? { kind } : { kind, reason };
}

/** The queue of that name. Throws the refusal that says which there are. */
export function findQueue(name: string, queues: Pick<Queues, 'named'> | undefined): NamedQueue {
  const named = queues?.named ?? [];
  const queue = named.find((each) => each.name === name);
  if (queue !== undefined) return queue;
  const target = name.slice(0, 120);
  const known = named.map((each) => each.name);
  const says =
    known.length === 0 ? 'None is configured, or no Redis for them' : `There is ${known.join(', ')}`;
  throw new Refusal('unknown-queue', `There is no queue ${JSON.stringify(target)}. ${says}.`, {
    target,
    known,
  });
}

export function unknownLetter({ name: queue }: NamedQueue, id: string): Refusal {
  const cut = id.slice(0, 120);
  return new Refusal('unknown-dead-letter', `${queue} has no dead letter ${JSON.stringify(cut)}.`, {
    queue,
    id: cut,
  });
}

/** As the audit names one dead letter, or several. */
export function targetOf(
  { name }: NamedQueue,
  letters: { readonly id: string } | { readonly count: number; readonly type: string | undefined },
): string {
  if ('id' in letters) return `${name}/${letters.id}`;
  const { count, type } = letters;
  return `${name}: ${count}${type === undefined ? '' : ` of ${type}`}`;
}

import type { DeadLettersSettled } from '../admin/types.ts';
import { countText, manyText } from '../terminal/figures.ts';
import { plainText } from '../terminal/plain-text.ts';

const DONE = {
  retry: 'to be tried as if new',
  discard: 'discarded, and its outbox told',
} as const;
const DONE_MANY = {
  retry: 'to be tried as if new',
  discard: 'discarded, and their outboxes told',
} as const;

/** What became of dead letters, in a line. */
export function settleText({ queue, action, done, gone, left }: DeadLettersSettled): string {
  const name = plainText(queue);
  if (done + gone + left === 0) return `${name}: no dead letter is meant by that`;
  const what = done === 1 ? DONE[action] : DONE_MANY[action];
  const rest = [
    ...(gone > 0 ? [`${countText(gone)} settled by somebody else`] : []),
    ...(left > 0 ? [`${countText(left)} left: call again`] : []),
  ];
  return [`${name}: ${manyText(done, 'dead letter')} ${what}`, ...rest].join('; ');
}

import type { DeadLetter, DeadLetters, InspectedDeadLetter } from '../admin/types.ts';
import { agoText, countText, manyText } from '../terminal/figures.ts';
import type { Layout } from '../terminal/layout.ts';
import { plainText } from '../terminal/plain-text.ts';
import { type Cell, renderTable } from '../terminal/table.ts';
import type { DecodedLetter } from './decode-letter.ts';

export const LETTER_COLUMNS = [
  { title: 'DEAD LETTER' },
  { title: 'TYPE', widthMin: 8 },
  { title: 'TRIED', align: 'right' },
  { title: 'SINCE' },
] as const;

/** Two lines a letter: what it is, and why it is dead. */
export function letterRows(letters: readonly DeadLetter[], now: Date): Cell[][] {
  return letters.flatMap(({ id, type, attempts, since, reason }): Cell[][] => [
    [plainText(id), plainText(type), countText(attempts), agoText(since, now)],
    [{ text: `  ${plainText(reason)}`, style: 'red', span: LETTER_COLUMNS.length }],
  ]);
}

/** A page of the dead letters of one queue. */
export function renderLetters(
  queue: string,
  { total, next, deadLetters }: DeadLetters,
  layout: Layout,
): string[] {
  const name = plainText(queue);
  if (total === 0) return [`${name} has no dead letters.`];
  const foot =
    next === null ? [] : ['', layout.paint('dim', `more: banyan jobs list ${name} --offset ${next}`)];
  return [
    ...renderTable(LETTER_COLUMNS, letterRows(deadLetters, layout.now), layout),
    '',
    `${manyText(total, 'dead letter')} of ${name}`,
    ...foot,
  ];
}

/** One dead letter, with what it means as far as that could be learned. */
export function renderLetter(letter: InspectedDeadLetter, decoded: DecodedLetter, layout: Layout): string[] {
  const { id, type, source, reason, attempts, since, schema, bodyBytes, body } = letter;
  const facts: readonly (readonly [string, string])[] = [
    ['dead letter', id],
    ['type', type],
    ['from', source ?? 'it does not say'],
    ['reason', reason],
    ['attempts', countText(attempts)],
    ['since', `${since} (${agoText(since, layout.now)})`],
    [
      'content',
      schema === null ? 'it does not say of what' : `${schema}, ${manyText(bodyBytes ?? 0, 'byte')}`,
    ],
  ];
  const width = Math.max(...facts.map(([name]) => name.length)) + 2;
  const lines = facts.map(([name, text]) => `${layout.paint('dim', name.padEnd(width))}${plainText(text)}`);
  if (decoded.event !== undefined) {
    return [...lines, '', ...JSON.stringify(decoded.event, null, 2).split('\n').map(plainText)];
  }
  return [...lines, '', layout.paint('yellow', plainText(decoded.why)), ...(body === null ? [] : [body])];
}

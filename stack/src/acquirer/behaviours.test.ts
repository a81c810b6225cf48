import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { type Behaviour, decideCharge, decideRefunds, MAGIC_AMOUNTS, MAGIC_CARDS } from './behaviours.ts';

const ANY_OTHER_CARD = '4111111111111111';

test('the tables of docs/acquirer.md are the tables of the code', async () => {
  const text = await readFile(new URL('../../../docs/acquirer.md', import.meta.url), 'utf8');
  const rows = text.split('\n').map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  const cards = rows
    .filter(([first]) => /^\d[\d ]{14,}$/.test(first ?? ''))
    .map(([number, ...rest]) => [number?.replaceAll(' ', ''), ...rest]);
  const amounts = rows.filter(([first]) => /^\.\d\d$/.test(first ?? ''));
  assert.deepEqual(
    cards,
    MAGIC_CARDS.map(({ number, charge, refund }) => [number, inWords(charge), inWords(refund)]),
  );
  assert.deepEqual(
    amounts,
    MAGIC_AMOUNTS.map(({ cents, behaviour }) => [`.${cents}`, inWords(behaviour)]),
  );
});

test('every magic card passes the Luhn check and stands once in the table', () => {
  for (const { number } of MAGIC_CARDS) assert.ok(isLuhn(number), number);
  assert.equal(new Set(MAGIC_CARDS.map((card) => card.number)).size, MAGIC_CARDS.length);
});

test('a magic card decides alone; the amount counts for other cards only', () => {
  assert.deepEqual(decideCharge('4242424242424242', '896.01'), { kind: 'approve' });
  assert.deepEqual(decideCharge(ANY_OTHER_CARD, '896.01'), { kind: 'decline', reason: 'insufficient_funds' });
  assert.deepEqual(decideCharge(ANY_OTHER_CARD, '896.00'), { kind: 'approve' });
  assert.equal(decideRefunds(ANY_OTHER_CARD), null);
});

function inWords(behaviour: Behaviour): string {
  if (behaviour.kind === 'decline') return `decline ${behaviour.reason}`;
  if (behaviour.kind === 'slow') return `slow ${behaviour.patience}`;
  return behaviour.kind;
}

function isLuhn(number: string): boolean {
  const sum = [...number]
    .reverse()
    .map((digit, index) => Number(digit) * (index % 2 === 0 ? 1 : 2))
    .reduce((total, value) => total + (value > 9 ? value - 9 : value), 0);
  return sum % 10 === 0;
}

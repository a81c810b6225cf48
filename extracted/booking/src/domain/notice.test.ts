import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkNotice } from './notice.ts';
import { Refusal } from './refusal.ts';

const NOTICE = { flightId: 1n, subject: 'A new gate', text: 'Gate 12.\nDoors close earlier.' };

test('a notice has a subject of one line and a text without anything that steers', () => {
  assert.deepEqual(checkNotice(NOTICE), NOTICE);
  assert.deepEqual(checkNotice({ ...NOTICE, text: ' Gate 12.\r\nDoors close earlier.\n' }), NOTICE);
  assert.deepEqual(
    checkNotice({ ...NOTICE, subject: 'é'.repeat(120), text: '🛫'.repeat(5_000) }).text.length,
    10_000,
  );

  const cases: readonly (readonly [Partial<typeof NOTICE>, string])[] = [
    [{ subject: '' }, 'subject required'],
    [{ subject: ' ' }, 'subject required'],
    [{ subject: 'A gate\r\nBcc: everybody@example.org' }, 'subject characters'],
    [{ subject: 'A gate\nBcc: everybody@example.org' }, 'subject characters'],
    [{ subject: '\u0085' }, 'subject characters'],
    [{ subject: 'x'.repeat(121) }, 'subject too_long'],
    [{ text: '\n \n' }, 'text required'],
    [{ text: 'a\0b' }, 'text characters'],
    [{ text: 'a\rb' }, 'text characters'],
    [{ text: '\ud800' }, 'text characters'],
    [{ text: 'x'.repeat(5_001) }, 'text too_long'],
    [{ subject: '', text: '' }, 'subject required, text required'],
  ];
  for (const [wrong, said] of cases) assert.equal(faultsOf({ ...NOTICE, ...wrong }), said);
});

function faultsOf(notice: typeof NOTICE): string {
  try {
    checkNotice(notice);
    return '';
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return error.faults.map(({ field, rule }) => `${field} ${rule}`).join(', ');
  }
}

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const SRC = fileURLToPath(new URL('..', import.meta.url));
const INVENTORY = fileURLToPath(new URL('../../../docs/border.md', import.meta.url));

const TABLES = {
  booking: ['bookings', 'passengers', 'seat_claims'],
  billing: ['invoices', 'invoice_lines', 'payments', 'refunds', 'statements'],
} as const;
const HOME = { booking: 'bookings/', billing: 'billing/' } as const;
type Context = keyof typeof TABLES;
const CONTEXTS: readonly Context[] = ['booking', 'billing'];

/** Whether a text has SQL of a context's tables, or one of them by its name, as bulk loading and LISTEN have it. */
function touches(text: string, context: Context): boolean {
  const names = TABLES[context].join('|');
  const sql = new RegExp(`\\b(?:FROM|JOIN|INTO|UPDATE|TABLE|ONLY|LISTEN)\\s+(?:public\\.)?(?:${names})\\b`);
  const byName = new RegExp(`(?:insert|write)\\w*\\([^)]*'(?:${names})'|'(?:${names})_id_seq'`);
  const code = text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
  return sql.test(code) || byName.test(code) || (context === 'booking' && code.includes("'seat_claims'"));
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.test.ts'))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}

function found(): string[] {
  return filesBelow(SRC).flatMap((file) => {
    const text = readFileSync(join(SRC, file), 'utf8');
    const contexts = CONTEXTS.filter((context) => !file.startsWith(HOME[context]) && touches(text, context));
    return contexts.length === 0 ? [] : [`${file}: ${contexts.join(', ')}`];
  });
}

function writtenDown(): string[] {
  const [, section = ''] = readFileSync(INVENTORY, 'utf8').split('## SQL across the border');
  const rows = section.split('\n## ')[0]?.matchAll(/^\| `([^`]+)` \| ([a-z, ]+) \|/gm) ?? [];
  return [...rows].map(([, file, contexts]) => `${file}: ${contexts}`);
}

test('every file that reads or writes a table of another context stands in docs/border.md, and no other', () => {
  assert.deepEqual(found().sort(), writtenDown().sort());
});

test('the search sees SQL of every kind', () => {
  assert.ok(touches('SELECT 1 FROM bookings b', 'booking'));
  assert.ok(touches('JOIN payments p ON', 'billing'));
  assert.ok(touches('UPDATE invoices SET', 'billing'));
  assert.ok(touches('INSERT INTO seat_claims (', 'booking'));
  assert.ok(!touches("path: '/invoices/7', table: booking_forms", 'billing'));
  assert.ok(!touches('FROM booking_forms WHERE', 'booking'));
});

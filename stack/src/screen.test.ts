import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createScreen } from '../bootstrap/screen.mjs';

test('a step is marked by how it ended, once', async () => {
  let text = '';
  const out = { write: (piece: string) => (text += piece) } as unknown as NodeJS.WriteStream;
  const screen = createScreen({ out });
  await screen.step(
    'types',
    () => 0,
    (code) => code === 0,
  );
  await screen.step(
    'lint',
    () => 1,
    (code) => code === 0,
  );
  await screen.step('Postgres', () => 1);
  await assert.rejects(
    screen.step('Redis', () => Promise.reject(new Error('no port'))),
    /no port/,
  );
  const marks = text.split('\n').filter((line) => /^[✓✗]/.test(line));
  assert.deepEqual(
    marks.map((line) => line.split('  ')[0]),
    ['✓ types', '✗ lint', '✓ Postgres', '✗ Redis'],
  );
});

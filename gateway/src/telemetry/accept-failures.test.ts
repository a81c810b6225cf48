import assert from 'node:assert/strict';
import { it } from 'node:test';
import { pino } from 'pino';
import { createAcceptFailures } from './accept-failures.ts';

it('connections that cannot be accepted are one line of the log in five seconds, however many they are', () => {
  const lines: { readonly msg: string; readonly err: { readonly code: string } }[] = [];
  const logger = pino({}, { write: (line) => void lines.push(JSON.parse(line)) });
  let nowMs = 0;
  const report = createAcceptFailures(logger, () => nowMs);
  const reported: number[] = [];
  for (nowMs = 0; nowMs <= 10_000; nowMs += 1_000) {
    const before = lines.length;
    for (let each = 0; each < 3; each += 1)
      report(Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' }));
    for (let line = before; line < lines.length; line += 1) reported.push(nowMs);
  }
  assert.deepEqual(reported, [0, 5_000, 10_000]);
  assert.deepEqual([lines[0]?.msg, lines[0]?.err.code], ['a connection could not be accepted', 'EMFILE']);
});

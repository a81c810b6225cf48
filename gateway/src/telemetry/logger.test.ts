import assert from 'node:assert/strict';
import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { createLogSink } from './logger.ts';

it('lines come in the order they were logged in, whenever it is flushed', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'banyan-log-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'log');
  const log = createLogSink('info', openSync(path, 'a'));
  const count = 2_000;
  for (let n = 0; n < count; n += 1) {
    log.logger.info({ n, padding: 'x'.repeat(1_000) });
    if (n % 10 === 0) void log.flush();
    // Lets the write under way get ahead now and then.
    if (n % 50 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await log.close();
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  assert.deepEqual(
    lines.map((line) => (JSON.parse(line) as { n: number }).n),
    Array.from({ length: count }, (_, n) => n),
  );
  assert.equal(log.droppedLines(), 0);
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '@banyan/stack/testing/until';
import { createLogger } from '../../log/logger.ts';
import { createAcknowledged } from './acknowledged.ts';

const EVENT = '00000000-0000-4000-8000-000000000001';
const OTHER = '00000000-0000-4000-8000-000000000002';

/** An outbox of which a relay that tells nobody notes what is in `noted`. */
function startOutbox() {
  const noted = new Set<string>();
  let ms = 0;
  const query = async (_sql: string, [ids]: [string[]]) => ({
    rows: ids.filter((id) => !noted.has(id)).map((id) => ({ id })),
  });
  const acknowledged = createAcknowledged({
    pool: { query } as never,
    databaseUrl: 'postgres://nobody@127.0.0.1:1/none',
    logger: createLogger('silent'),
    nowMs: () => ms,
  });
  const timed = async (id: string): Promise<number> => {
    const begunAt = performance.now();
    await acknowledged.untilTaken([id]);
    return performance.now() - begunAt;
  };
  return { acknowledged, noted, timed, advance: (by: number) => (ms += by) };
}

test('a writer goes on when its event is noted, and after a second in any case', async () => {
  const { acknowledged, noted, timed } = startOutbox();
  assert.ok((await timed(EVENT)) >= 950);
  let isOver = false;
  const waiting = acknowledged.untilTaken([OTHER]).then(() => {
    isOver = true;
  });
  assert.ok(!isOver);
  noted.add(OTHER);
  await waiting;
  await acknowledged.stop();
});

test('several may wait for one event, as who sends a form again while its first sending waits', async () => {
  const { acknowledged, noted, timed } = startOutbox();
  const waiting = [timed(EVENT), timed(EVENT)];
  noted.add(EVENT);
  for (const ms of await Promise.all(waiting)) assert.ok(ms < 950, `after ${ms} ms`);
  await acknowledged.stop();
});

test('nobody waits while nothing is acknowledged for more than 5 s, until something is', async () => {
  const { acknowledged, noted, timed, advance } = startOutbox();
  await timed(EVENT);
  advance(5_001);
  await acknowledged.untilTaken([OTHER]);
  const pending = Promise.race([
    acknowledged.untilTaken([OTHER]).then(() => 'at once'),
    new Promise((resolve) => setImmediate(() => resolve('late'))),
  ]);
  assert.equal(await pending, 'at once');
  noted.add(EVENT);
  await until(async () => (await timed(OTHER)) > 900, { deadlineMs: 30_000, what: 'a writer that waits' });
  await acknowledged.stop();
});

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { createShowJob } from './job-answers.ts';
import type { Job } from './job-service.ts';
import { type JobServiceParts, watchJobTask } from './job-tasks.ts';
import { createWatchers } from './watchers.ts';

const JOB: Job = {
  id: '0193c1f0-7d1a-4c3e-9b4e-3f4f3b8f1c55',
  method: 'a.v1.A/B',
  state: 'queued',
  done: 0n,
  total: 0n,
  createdAt: new Date(0),
  startedAt: undefined,
  finishedAt: undefined,
  expiresAt: undefined,
};

it('streams that are asked for at once are no more than an account may have, and leave their places', async () => {
  const told = Promise.withResolvers<void>();
  const watchers = createWatchers({ streamsMax: 10, accountStreamsMax: 2 });
  const service = {
    active: { carveOut: { name: 'a' } },
    show: createShowJob('a', () => 'b'),
    watchers,
  } as unknown as JobServiceParts;
  const calls = {
    beside: () => ({
      async *stream() {
        await told.promise;
        yield JOB;
      },
    }),
  };
  const left = new AbortController();
  const context = { identity: { account: '7' }, now: new Date(0), signal: left.signal };
  const { handle } = watchJobTask(service, JOB.id);
  const request = { headers: { get: () => undefined } };
  const asked = Array.from({ length: 5 }, () => handle(request as never, calls as never, context as never));
  told.resolve();
  const answers = await Promise.all(asked);
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 200, 429, 429, 429],
  );
  // One is read and ended; the other one's client had left before it was sent anything.
  const [read] = answers.map(({ body }) => body as AsyncIterable<Uint8Array>);
  for await (const piece of read as AsyncIterable<Uint8Array>) {
    assert.match(Buffer.from(piece).toString(), /"state":"queued"/);
    break;
  }
  assert.equal(watchers.isFull('7'), false);
  left.abort();
  const places = [watchers.enter('7'), watchers.isFull('7'), watchers.enter('7'), watchers.isFull('7')];
  assert.deepEqual([places[1], places[3]], [false, true]);
});

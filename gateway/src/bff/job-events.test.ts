import assert from 'node:assert/strict';
import { describe, it, mock } from 'node:test';
import { createShowJob } from './job-answers.ts';
import { eventsAnswer } from './job-events.ts';
import type { Job, JobState } from './job-service.ts';

const jobIn = (state: JobState, done = 0n): Job => ({
  id: '0193c1f0-7d1a-4c3e-9b4e-3f4f3b8f1c55',
  method: 'a.v1.A/B',
  state,
  done,
  total: 0n,
  createdAt: new Date(0),
  startedAt: undefined,
  finishedAt: undefined,
  expiresAt: undefined,
});

/** Changes that come when the test has them come. */
function changesByHand() {
  const waiting: ((result: IteratorResult<Job>) => void)[] = [];
  let isReturned = false;
  return {
    come: (result: IteratorResult<Job>) => waiting.shift()?.(result),
    isReturned: () => isReturned,
    iterator: {
      next: () => new Promise<IteratorResult<Job>>((resolve) => waiting.push(resolve)),
      return: async () => {
        isReturned = true;
        return { done: true, value: undefined } as const;
      },
    },
  };
}

function start(first: Job, lastEventId?: string) {
  const changes = changesByHand();
  let streams = 1;
  const answer = eventsAnswer({
    show: createShowJob('a', () => 'b'),
    first,
    changes: changes.iterator,
    onEnd: () => {
      streams -= 1;
    },
    lastEventId,
  });
  const pieces = (answer.body as AsyncIterable<Uint8Array> | null)?.[Symbol.asyncIterator]();
  const next = async (): Promise<string | undefined> => {
    const piece = await pieces?.next();
    return piece?.value === undefined ? undefined : Buffer.from(piece.value).toString();
  };
  return { answer, changes, pieces, next, streams: () => streams };
}

describe('the events of a job', () => {
  it('are kept alive by comments while nothing changes', async () => {
    mock.timers.enable({ apis: ['setTimeout'] });
    try {
      const { next, changes, streams } = start(jobIn('queued'));
      assert.match((await next()) ?? '', /^event: job\nid: queued-0\ndata: \{"id":"a-0193/);
      for (let time = 0; time < 2; time += 1) {
        const silent = next();
        await Promise.resolve();
        mock.timers.tick(15_000);
        assert.equal(await silent, ':\n\n');
      }
      const change = next();
      changes.come({ done: false, value: jobIn('succeeded', 2n) });
      assert.match((await change) ?? '', /^event: job\nid: succeeded-2\n/);
      assert.equal(streams(), 1);
      assert.equal(await next(), undefined);
      assert.deepEqual([streams(), changes.isReturned()], [0, true]);
    } finally {
      mock.timers.reset();
    }
  });

  it('that end before the job break off, so that nobody takes them for all', async () => {
    const { next, changes, streams } = start(jobIn('running'));
    await next();
    const change = next();
    changes.come({ done: true, value: undefined });
    await assert.rejects(change, /before its end/);
    assert.equal(streams(), 0);
  });

  it('are not told again to whoever has seen the end', async () => {
    const { answer, changes, streams } = start(jobIn('failed', 3n), 'failed-3');
    assert.deepEqual([answer.status, answer.body, changes.isReturned(), streams()], [204, null, true, 0]);
    assert.equal(start(jobIn('failed', 3n), 'running-3').answer.status, 200);
    assert.equal(start(jobIn('running', 3n), 'running-3').answer.status, 200);
  });

  it('that nobody reads any more are over, also where the service cannot be told', async () => {
    const { next, changes, pieces, streams } = start(jobIn('running'));
    await next();
    changes.iterator.return = async () => {
      throw new Error('it is gone');
    };
    await assert.rejects(async () => pieces?.return?.(), /it is gone/);
    const after = next();
    changes.come({ done: false, value: jobIn('running', 1n) });
    assert.equal(await after, undefined);
    assert.ok(streams() <= 0);
  });
});

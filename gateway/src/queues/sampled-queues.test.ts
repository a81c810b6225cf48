import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { QueuesAway } from './queues.ts';
import { sampleQueues } from './sampled-queues.ts';

describe('a sample of the queues', () => {
  it('is asked for every five seconds at most, once for all who read it', async () => {
    let nowMs = 100;
    let asked = 0;
    const { read } = sampleQueues(
      {
        list: async () => {
          asked += 1;
          return [];
        },
      },
      () => nowMs,
    );
    await Promise.all([read(), read(), read()]);
    nowMs += 4_999;
    assert.deepEqual(await read(), []);
    assert.equal(asked, 1);
    nowMs += 1;
    await read();
    assert.equal(asked, 2);
  });

  it('is none while Redis is away, and throws nothing', async () => {
    const away = async () => {
      throw new QueuesAway('connection refused');
    };
    assert.equal(await sampleQueues({ list: away }, () => 0).read(), undefined);
  });
});

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { pino } from 'pino';
import type { Kill } from '../kill.ts';
import { createKeptKills } from './kept-kills.ts';

const killOf = (id: string): Kill => ({ id, target: '*', reason: 'because', by: 'tester', at: '' });

it('a kill whose lifting the disk refused is on disk again, whatever was written meanwhile', async () => {
  const writes: { readonly ids: readonly string[]; readonly done: PromiseWithResolvers<void> }[] = [];
  const kills = createKeptKills({
    file: {
      read: async () => [killOf('a')],
      write: (list) => {
        const done = Promise.withResolvers<void>();
        writes.push({ ids: list.map(({ id }) => id), done });
        return done.promise;
      },
      setAside: async () => {},
    },
    now: () => 0,
    logger: pino({ level: 'silent' }),
    onChange: () => {},
  });
  await kills.open();
  const lifting = kills.lift('a');
  const adding = kills.add(killOf('b'));
  writes[0]?.done.reject(new Error('the disk is full'));
  await new Promise((resolve) => setImmediate(resolve));
  for (const { done } of writes) done.resolve();
  await assert.rejects(lifting, /full/);
  await adding;
  assert.deepEqual(
    kills.list().map(({ id }) => id),
    ['a', 'b'],
  );
  assert.deepEqual(writes.at(-1)?.ids.toSorted(), ['a', 'b']);
});

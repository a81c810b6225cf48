/** Commits version after version until it is killed; prints each that was acknowledged. */
import { createFlagStore } from '../../../src/rollout/stores/create-flag-store.ts';
import { entryOf, snapshotOf } from './entries.ts';

const [kind, where = ''] = process.argv.slice(2);
const store = await createFlagStore(
  kind === 'redis' ? { redisUrl: where, dataDir: '/nowhere' } : { dataDir: where },
);
await store.start({ onSnapshot: () => {}, onSeen: () => {}, onAway: () => {}, onCorrupt: () => {} });
for (;;) {
  try {
    const version = ((await store.read())?.snapshot.version ?? 0) + 1;
    const result = await store.commit(version - 1, snapshotOf(version), entryOf(version));
    if (result.kind === 'done') process.stdout.write(`${version}\n`);
  } catch {
    // Not there yet, or no longer.
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

import { FlagRefusal } from '../rollout/flag-refusal.ts';
import type { Flags } from '../rollout/flags.ts';
import type { Rollout } from '../rollout/routes.ts';
import { INITIAL_SNAPSHOT } from '../rollout/snapshot.ts';
import { refuseBefore } from '../rollout/stores/refusals.ts';

/** Where nothing is carved out there is nothing to decide. */
export const NO_ROLLOUT: Rollout = Object.freeze({ version: 0, routes: [], routeOf: () => undefined });

/** What the API needs of flags. */
export type ApiFlags = Pick<
  Flags,
  'snapshot' | 'kills' | 'change' | 'kill' | 'liftKill' | 'restore' | 'note' | 'audit' | 'replicas'
>;

/** The flags of a gateway that has none: they can be read, and nothing gets as far as a change. */
export const NO_FLAGS: ApiFlags = Object.freeze({
  snapshot: () => INITIAL_SNAPSHOT,
  kills: () => [],
  change: refuse,
  kill: refuse,
  liftKill: async (id: string) => {
    throw new FlagRefusal('unknown-kill', 'No kill holds here: nothing is carved out.', { id });
  },
  restore: async () => {
    throw new FlagRefusal('nothing-to-restore', 'Nothing is carved out here, so there are no flags.');
  },
  note: async () => {},
  audit: async ({ before }) => {
    if (before !== undefined) throw refuseBefore(before);
    return { entries: [], isLocal: true };
  },
  replicas: async () => ({ replicas: [], isLocal: true }),
});

async function refuse(): Promise<never> {
  throw new Error('flags were changed where nothing is carved out');
}

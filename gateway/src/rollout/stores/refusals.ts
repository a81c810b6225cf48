import { FlagRefusal } from '../flag-refusal.ts';
import type { FlagsStatus } from '../flags.ts';

type State = Pick<FlagsStatus, 'state' | 'sinceMs' | 'reason'>;

function factsOf({ state, sinceMs, reason }: State): Record<string, unknown> {
  return { store: state, since: new Date(sinceMs).toISOString(), reason };
}

export function refuseAway(state: State): FlagRefusal {
  const why = state.reason ?? 'it has not answered yet';
  const what = state.state === 'corrupt' ? 'holds what is no snapshot' : 'cannot be reached';
  return new FlagRefusal('store-away', `The store of flags ${what} (${why}). Nothing was changed.`, {
    ...factsOf(state),
    outcome: 'unchanged',
  });
}

/** It went away with the change. */
export function refuseUnknown(state: State): FlagRefusal {
  const detail = `The store of flags did not say what became of the change (${state.reason}). It was made, or it was not; it will not be made later. Look at the flags when the store is back, before you try again.`;
  return new FlagRefusal('store-away', detail, { ...factsOf(state), outcome: 'unknown' });
}

export function refuseStale(expected: number, current: number): FlagRefusal {
  const detail = `The flags are at version ${current}, and the change was made for version ${expected}. Look at them again.`;
  return new FlagRefusal('stale-version', detail, { expected, current });
}

export function refuseBehind(held: number, known: number, replica: string): FlagRefusal {
  const holds = held === 0 ? 'nothing' : `version ${held}`;
  const detail = `The store of flags holds ${holds}, and replica ${replica} knows version ${known}: the store was emptied, or is another one. Restore it first.`;
  return new FlagRefusal('store-behind', detail, { held, known, replica });
}

export function refuseLess(own: number, replica: string, version: number): FlagRefusal {
  const detail = `Replica ${replica} knows version ${version}, and this one only version ${own}. Restore from that one.`;
  return new FlagRefusal('nothing-to-restore', detail, { own, replica, version });
}

/** Of a page of the audit: nothing can be said of what is older than an entry that is not there. */
export function refuseBefore(before: string): FlagRefusal {
  const got = JSON.stringify(before.slice(0, 120));
  const rule = 'must be the id of an entry that is in the audit';
  return new FlagRefusal('invalid-value', `before: ${rule}; got ${got}.`, {
    faults: [{ field: 'before', rule, got }],
  });
}

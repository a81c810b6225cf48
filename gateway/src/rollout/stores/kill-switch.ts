import { FlagRefusal } from '../flag-refusal.ts';
import type { Flags } from '../flags.ts';
import type { Kill } from '../kill.ts';
import type { AuditTrail } from './audit-trail.ts';
import type { KeptKills } from './kept-kills.ts';
import { onDisk } from './on-disk.ts';

const KILLS_MAX = 1_000;

/** Kills of this replica, which ask no store. Holds invariant 6 of `create-flags.ts`. */
export function createKillSwitch(parts: {
  readonly kills: KeptKills;
  readonly trail: AuditTrail;
  /** Tells the store how many there are. Throws nothing. */
  readonly report: () => Promise<void>;
  /** See `createMoments`. */
  readonly moment: () => string;
  readonly newId: () => string;
}): Pick<Flags, 'kill' | 'liftKill'> {
  const { kills, trail, report, moment, newId } = parts;

  return {
    kill: async (target, author) => {
      if (kills.list().length >= KILLS_MAX) {
        throw new FlagRefusal('invalid-value', `there are ${KILLS_MAX} kills already; lift some, or kill *`);
      }
      const at = moment();
      const kill: Kill = Object.freeze({ id: newId(), target, reason: author.reason, by: author.by, at });
      const keeping = [onDisk(kills.add(kill)), trail.noteAnyway(at, { action: 'kill', target }, author)];
      void report();
      for (const kept of await Promise.allSettled(keeping)) {
        if (kept.status === 'fulfilled') continue;
        const what = 'the kill is in force, and could not be kept on disk: a restart may end it';
        throw new Error(what, { cause: kept.reason });
      }
      return kill;
    },
    liftKill: async (id, author) => {
      const lifted = await onDisk(kills.lift(id));
      if (lifted === undefined) {
        throw new FlagRefusal('unknown-kill', `no kill ${id} is in force here`, { id });
      }
      await trail.noteAnyway(moment(), { action: 'lift-kill', target: lifted.target }, author);
      void report();
    },
  };
}

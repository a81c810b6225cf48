import type { Logger } from '../../telemetry/logger.ts';
import type { Kill } from '../kill.ts';
import type { ListFile } from './list-file.ts';

export type KeptKills = {
  /** Takes up what was kept. What cannot be read counts as a kill of everything: nobody knows what it said. */
  open(): Promise<void>;
  /** The same list until something changes. */
  list(): readonly Kill[];
  /** In force when it is called, on disk when it returns. Throws what writing threw; it is in force all the same. */
  add(kill: Kill): Promise<void>;
  /** No longer in force when it returns, nor after a restart. Undefined: there is none of this id. */
  lift(id: string): Promise<Kill | undefined>;
};

export function createKeptKills(parts: {
  readonly file: ListFile<Kill>;
  readonly now: () => number;
  readonly logger: Logger;
  readonly onChange: () => void;
}): KeptKills {
  const { file, now, logger, onChange } = parts;
  let inForce: readonly Kill[] = [];
  /** Beside what is in force it lacks what is being lifted. */
  let toKeep: readonly Kill[] = [];

  return {
    open: async () => {
      try {
        inForce = await file.read();
      } catch (error) {
        const at = new Date(now()).toISOString();
        logger.error(
          { err: error },
          'kills cannot be read: all reads are at the monolith where that is legal',
        );
        await file.setAside(`damaged-${at.replaceAll(':', '-')}`).catch(() => {});
        const reason = 'the file of kills could not be read, so that everything counts as killed';
        inForce = [{ id: `unreadable-${now()}`, target: '*', reason, by: 'the gateway', at }];
        // Found again after a restart, until somebody lifts it.
        await file.write(inForce).catch(() => {});
      }
      toKeep = inForce;
    },
    list: () => inForce,
    add: async (kill) => {
      inForce = Object.freeze([...inForce, kill]);
      toKeep = [...toKeep, kill];
      onChange();
      await file.write(toKeep);
    },
    lift: async (id) => {
      const kill = toKeep.find((each) => each.id === id);
      if (kill === undefined) return undefined;
      toKeep = toKeep.filter((each) => each !== kill);
      try {
        await file.write(toKeep);
      } catch (error) {
        toKeep = [...toKeep, kill];
        // What was written meanwhile, of other kills, was without it.
        await file.write(toKeep).catch(() => {});
        throw error;
      }
      inForce = Object.freeze(inForce.filter((each) => each !== kill));
      onChange();
      return kill;
    },
  };
}

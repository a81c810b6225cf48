import type { FlagRefusalKind } from '../rollout/flag-refusal.ts';
import type { Flags } from '../rollout/flags.ts';

/** What became of flips here since the start. */
export type FlagCounts = {
  /** Counts every snapshot that is adopted from now on. Gives what ends it. */
  follow(flags: Pick<Flags, 'snapshot' | 'onChange'>): () => void;
  /** A change of flags, a kill or an override was refused. */
  onRefused(kind: FlagRefusalKind): void;
  readonly adopted: number;
  readonly refused: ReadonlyMap<FlagRefusalKind, number>;
};

export function createFlagCounts(): FlagCounts {
  const refused = new Map<FlagRefusalKind, number>();
  let adopted = 0;
  return {
    follow: (flags) => {
      let known = flags.snapshot();
      // Kills are told of too; they leave the snapshot as it is.
      return flags.onChange(() => {
        if (flags.snapshot() === known) return;
        known = flags.snapshot();
        adopted += 1;
      });
    },
    onRefused: (kind) => refused.set(kind, (refused.get(kind) ?? 0) + 1),
    get adopted() {
      return adopted;
    },
    refused,
  };
}

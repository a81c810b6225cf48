import { setTimeout as pause } from 'node:timers/promises';
import type { FlagStore, ReplicaReport } from '../flag-store.ts';
import type { Changed } from '../flags.ts';
import { withOwn } from './replica-reports.ts';
import { within } from './within.ts';

/** How long a change waits for all live replicas to serve it. */
const EFFECTIVE_MS = 1_000;
/** Between two looks at who serves it. */
const LOOK_MS = 10;

/** Waits until all live replicas have said that they serve the version. `startedAt` is by `monotonicMs`. */
export async function untilServed(
  version: number,
  startedAt: number,
  parts: {
    readonly store: FlagStore;
    readonly ownReport: () => ReplicaReport;
    readonly monotonicMs: () => number;
    readonly stopped: AbortSignal;
  },
): Promise<Omit<Changed, 'snapshot'>> {
  const { store, ownReport, monotonicMs, stopped } = parts;
  let replicas: readonly ReplicaReport[] = [ownReport()];
  for (;;) {
    const leftMs = EFFECTIVE_MS - (monotonicMs() - startedAt);
    if (leftMs <= 0 || stopped.aborted) return { effective: false, replicas, tookMs: EFFECTIVE_MS };
    const seen = await within(store.replicas(), leftMs, () => undefined).catch(() => undefined);
    if (seen !== undefined) {
      replicas = withOwn(ownReport(), seen);
      if (replicas.every((each) => each.version >= version)) {
        return { effective: true, replicas, tookMs: Math.round(monotonicMs() - startedAt) };
      }
    }
    await pause(LOOK_MS);
  }
}

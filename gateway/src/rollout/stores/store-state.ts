import type { Logger } from '../../telemetry/logger.ts';
import type { FlagsStatus } from '../flags.ts';

export type StoreState = {
  /** Whatever is not `away` was answered by the store. */
  enter(state: Exclude<FlagsStatus['state'], 'starting'>, reason?: string): void;
  /** The store holds this version now. */
  confirm(version: number): void;
  read(): Pick<FlagsStatus, 'state' | 'sinceMs' | 'reason'>;
  /** How long it has answered without a break, and has not lost what it held, in milliseconds. */
  settledMs(): number;
  /** How long ago it confirmed the version; undefined where it never has. */
  stalenessMs(version: number): number | undefined;
};

/** What is known of the store, by whoever last asked it. A line in the log for every change. */
export function createStoreState(parts: {
  readonly kind: FlagsStatus['store'];
  readonly now: () => number;
  readonly monotonicMs: () => number;
  readonly logger: Logger;
}): StoreState {
  const { kind, now, monotonicMs, logger } = parts;
  let current: ReturnType<StoreState['read']> = { state: 'starting', sinceMs: now() };
  let settledSince: number | undefined;
  let confirmed: { readonly version: number; readonly at: number } | undefined;

  return {
    enter: (state, reason) => {
      const isNews = current.state !== state;
      if (state === 'away') settledSince = undefined;
      else if (isNews && state === 'behind') settledSince = monotonicMs();
      else settledSince ??= monotonicMs();
      const sinceMs = isNews ? now() : current.sinceMs;
      current = { state, sinceMs, ...(reason === undefined ? {} : { reason }) };
      if (!isNews) return;
      const line = { store: kind, state, ...(reason === undefined ? {} : { reason }) };
      if (state === 'reachable') logger.info(line, 'store of flags');
      else logger.warn(line, 'store of flags: flags stand as they are, and cannot be changed');
    },
    confirm: (version) => {
      confirmed = { version, at: monotonicMs() };
    },
    read: () => current,
    settledMs: () => (settledSince === undefined ? 0 : monotonicMs() - settledSince),
    stalenessMs: (version) =>
      confirmed?.version === version ? Math.max(0, monotonicMs() - confirmed.at) : undefined,
  };
}

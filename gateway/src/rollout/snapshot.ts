import type { Stage } from './stage.ts';

/** What a migration team says of one read. Writes have none: they follow their owner. */
export type Flag = {
  readonly stage: Stage;
  /** Percent of accounts whose requests go to the service, in steps of 0.001. At `canary`, and only there. */
  readonly weightPercent?: number;
  /** Percent of requests that are asked of the service aside, in steps of 0.001. At `shadow`, and only there. */
  readonly samplePercent?: number;
  /** Whether the monolith answers, where it legally may, when the service could not be reached. */
  readonly fallback: boolean;
};

/** All flags together, at one version. Never changed: a flip makes the next. */
export type Snapshot = {
  /** Grows by one with every change, is never used twice; 0 where nothing was ever changed. */
  readonly version: number;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly by: string;
  readonly reason: string;
  /** By operationId. A read that is not named is at `monolith`, with fallback. */
  readonly flags: Readonly<Record<string, Flag>>;
};

/** Everything at the monolith: what holds until something else is known. */
export const INITIAL_SNAPSHOT: Snapshot = Object.freeze({
  version: 0,
  at: '1970-01-01T00:00:00.000Z',
  by: 'nobody',
  reason: 'nothing was ever changed',
  flags: Object.freeze({}),
});

/** What a read has that no flag names. */
export const DEFAULT_FLAG: Flag = Object.freeze({ stage: 'monolith', fallback: true });

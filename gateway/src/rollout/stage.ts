/** Where an operation's traffic goes. */
export const STAGES = ['monolith', 'shadow', 'canary', 'service'] as const;
export type Stage = (typeof STAGES)[number];

/** Which side's database may write an aggregate; `nobody` while it is being copied. */
export const OWNERS = ['monolith', 'service', 'nobody'] as const;
export type Owner = (typeof OWNERS)[number];

/**
 * What a service reads while the monolith owns. `shared`: the monolith's tables, by a read-only role. `followed`:
 * its own copy, kept up to date. `none`: nothing.
 */
export type ServiceData = 'shared' | 'followed' | 'none';

/** The stages of all carve-outs at one version. */
export type Snapshot = {
  readonly version: number;
  /** Stage of a carve-out's reads, by its name; `monolith` where it is not named. */
  readonly stages: Readonly<Record<string, Stage>>;
};

/** Everything at the monolith: what holds until something else is known. */
export const INITIAL_SNAPSHOT: Snapshot = Object.freeze({ version: 0, stages: Object.freeze({}) });

/** Between the bench and its processes. */
export type WriterOrder =
  | { readonly kind: 'flood'; readonly seconds: number; readonly outstandingMax: number }
  | { readonly kind: 'pace'; readonly seconds: number; readonly perSecond: number }
  | { readonly kind: 'effects'; readonly count: number };

/** `commits` are pairs of an event's number and the time of its commit, in milliseconds. */
export type WriterReport = {
  readonly kind: 'written';
  readonly count: number;
  readonly commits: readonly number[];
  /** From each commit until its writer heard of the acknowledgement; at a pace alone. */
  readonly waitsMs: readonly number[];
};

export type ConsumerOrder = { readonly kind: 'times' };
export type ConsumerReport =
  | { readonly kind: 'effects'; readonly count: number }
  | { readonly kind: 'times'; readonly times: readonly number[] };

/** Of one machine's processes, with the precision that a latency of milliseconds wants. */
export const clockMs = (): number => performance.timeOrigin + performance.now();

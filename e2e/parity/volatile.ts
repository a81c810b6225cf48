import type { Difference } from '../differential/compare.ts';

/**
 * What may differ between the monolith and a service. Ids and times do not: the worlds allot the same ids
 * (sequences.ts) and share one clock (clock.ts). `Date`, `Connection` and `Keep-Alive` are of the one connection and
 * are left out by the comparison itself.
 */
export type Volatile = {
  /** As `Difference.what`. */
  readonly what: string;
  /** What is left out of both sides. */
  readonly pattern: RegExp;
  readonly reason: string;
};

export const VOLATILE: readonly Volatile[] = [];

export function withoutVolatile(differences: readonly Difference[]): Difference[] {
  return differences.filter(({ what, direct, through }) => {
    const mask = (text: string): string =>
      VOLATILE.filter((each) => each.what === what).reduce(
        (masked, { pattern }) => masked.replaceAll(pattern, '…'),
        text,
      );
    return mask(direct) !== mask(through);
  });
}

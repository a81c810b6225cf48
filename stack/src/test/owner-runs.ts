import type { OwnerChoice } from './options.ts';

/** One run of the journeys: on a stack of its own, in which these services own their data. */
export type OwnerRun = {
  readonly owners: readonly string[];
  /** Playwright's, all when there is none. */
  readonly projects: readonly string[];
  /** Parts of journeys' paths; all when there are none. */
  readonly journeys: readonly string[];
};

/** Goes by both contexts, by pages, mail and acquirer. */
const THE_JOURNEY = 'book-and-pay';
/** Where a service owns, the monolith alone is no longer the whole system. */
const THROUGH_THE_GATEWAY = ['gateway'];

/** The runs of a choice. `some` is what `npm test` runs. */
export function ownerRuns(names: readonly string[], choice: OwnerChoice): OwnerRun[] {
  return combinationsOf(choice === 'none' ? [] : names).map((owners) => {
    const isMixed = owners.length > 0 && owners.length < names.length;
    return {
      owners,
      projects: owners.length === 0 ? [] : THROUGH_THE_GATEWAY,
      journeys: isMixed && choice === 'some' ? [THE_JOURNEY] : [],
    };
  });
}

/** Of nobody first, of everybody last. */
function combinationsOf(names: readonly string[]): string[][] {
  const all = Array.from({ length: 2 ** names.length }, (_, bits) =>
    names.filter((_name, index) => (bits >> index) & 1),
  );
  return all.toSorted((one, other) => one.length - other.length);
}

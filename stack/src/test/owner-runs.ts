import type { OwnerChoice } from './options.ts';

/** One run of browser tests: on a stack of its own, in which these services own their data. */
export type OwnerRun = {
  /** In the paths of what it leaves behind. */
  readonly name: string;
  readonly owners: readonly string[];
  /** Whether those run that own nothing, too: they read the monolith's data. */
  readonly withServices: boolean;
  /** Below `e2e`. */
  readonly folder: 'journeys' | 'overrides';
  /** Playwright's. */
  readonly projects: readonly string[];
  /** Parts of journeys' paths; all when there are none. */
  readonly journeys: readonly string[];
};

/** Goes by both contexts, by pages, mail and acquirer. */
const THE_JOURNEY = 'book-and-pay';
/** Where a service owns, the monolith alone is no longer the whole system. */
const THROUGH_THE_GATEWAY = ['gateway'];
const ALSO_DIRECT = ['gateway', 'direct'];

/** The runs of a choice. `some` is what `npm test` runs. */
export function ownerRuns(names: readonly string[], choice: OwnerChoice): OwnerRun[] {
  const journeys = combinationsOf(choice === 'none' ? [] : names).map((owners): OwnerRun => {
    const isMixed = owners.length > 0 && owners.length < names.length;
    return {
      name: owners.join('-') || 'none',
      owners,
      withServices: false,
      folder: 'journeys',
      projects: owners.length === 0 ? ALSO_DIRECT : THROUGH_THE_GATEWAY,
      journeys: isMixed && choice === 'some' ? [THE_JOURNEY] : [],
    };
  });
  return choice === 'none' || names.length === 0 ? journeys : [...journeys, OVERRIDES];
}

/** Requests are pinned to either side, which takes services that could answer while the monolith owns. */
const OVERRIDES: OwnerRun = {
  name: 'overrides',
  owners: [],
  withServices: true,
  folder: 'overrides',
  projects: ['overrides'],
  journeys: [],
};

/** Of nobody first, of everybody last. */
function combinationsOf(names: readonly string[]): string[][] {
  const all = Array.from({ length: 2 ** names.length }, (_, bits) =>
    names.filter((_name, index) => (bits >> index) & 1),
  );
  return all.toSorted((one, other) => one.length - other.length);
}

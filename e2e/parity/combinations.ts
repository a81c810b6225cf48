import type { Combination } from './worlds.ts';

/** Who answers in the second world, by what the test calls it. */
export const COMBINATIONS: Readonly<Record<string, Combination>> = {
  'both read by their services': { booking: 'shared', billing: 'shared' },
  'both owned by their services': { booking: 'service', billing: 'service' },
  'billing owned by its service': { booking: 'monolith', billing: 'service' },
  'booking owned by its service': { booking: 'service', billing: 'monolith' },
};

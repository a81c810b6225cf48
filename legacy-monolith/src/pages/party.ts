import type { Party } from './view-models/flight-parts.ts';

const PASSENGERS_MAX = 9;

/**
 * Who travels, as a link or form says: 1 to 9 together, an infant for each adult at most. What makes no sense
 * is brought to the nearest that does: it only says how many forms to show.
 */
export function parseParty(values: Readonly<Record<string, string>>): Party {
  const adults = Math.min(Math.max(count(values.adults) ?? 1, 1), PASSENGERS_MAX);
  const infants = Math.min(count(values.infants) ?? 0, adults, PASSENGERS_MAX - adults);
  return { adults, infants };
}

/** What a search says wrong of who travels, by field. */
export function partyFaults(values: Readonly<Record<string, string>>): Record<string, string> {
  const adults = count(values.adults || '1');
  if (adults === null || adults < 1 || adults > PASSENGERS_MAX)
    return { adults: `Must be 1 to ${PASSENGERS_MAX}.` };
  const infants = count(values.infants || '0');
  if (infants === null) return { infants: 'Must be a number.' };
  if (infants > adults) return { infants: 'Must not be more than the adults: each holds one at most.' };
  if (adults + infants > PASSENGERS_MAX)
    return { infants: `Must be ${PASSENGERS_MAX} passengers together at most.` };
  return {};
}

function count(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,3}$/.test(text) ? Number(text) : null;
}

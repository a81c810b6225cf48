import type { Booking } from '@banyan/contracts/booking/v1/booking';
import type { TranslationRequest } from '@banyan/gateway/carve-out';
import { matchesIfMatch } from '@meridian/habits/preconditions';

/** No booking has this version. */
const NO_VERSION = 0;

/** The strong tag of one version of a booking. */
export function bookingTag({ id, version }: Pick<Booking, 'id' | 'version'>): string {
  return `"${id}-${version}"`;
}

/**
 * The version that `If-Match` asks for, nothing where any will do. `seen` is how the booking was a moment ago: if its
 * tag is among those that the header lists, that is the version, else none is.
 */
export function expectedVersion(
  request: Pick<TranslationRequest, 'headers'>,
  seen: Pick<Booking, 'id' | 'version'>,
): number | undefined {
  const header = request.headers.get('if-match');
  if (header === undefined || header.trim() === '*') return undefined;
  return matchesIfMatch(request, bookingTag(seen)) ? seen.version : NO_VERSION;
}

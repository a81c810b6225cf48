import type { FareClass } from '../bookings/price.ts';

const CLASSIC_FEE_CENTS = 5000n;

/** What the fare gives back of a paid total: FLEX all, CLASSIC all but a fee per passenger, SAVER nothing. */
export function refundableCents(fareClass: FareClass, totalCents: bigint, passengers: number): bigint {
  if (fareClass === 'SAVER') return 0n;
  if (fareClass === 'FLEX') return totalCents;
  const left = totalCents - CLASSIC_FEE_CENTS * BigInt(passengers);
  return left > 0n ? left : 0n;
}

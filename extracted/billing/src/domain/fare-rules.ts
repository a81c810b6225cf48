export const FARE_CLASSES = ['SAVER', 'CLASSIC', 'FLEX'] as const;
export type FareClass = (typeof FARE_CLASSES)[number];

const CLASSIC_FEE_MINOR = 5000n;

/** What the fare gives back of a paid total: FLEX all, CLASSIC all but a fee per passenger, SAVER nothing. */
export function refundableMinor(fareClass: FareClass, totalMinor: bigint, passengers: number): bigint {
  if (fareClass === 'SAVER') return 0n;
  if (fareClass === 'FLEX') return totalMinor;
  const left = totalMinor - CLASSIC_FEE_MINOR * BigInt(passengers);
  return left > 0n ? left : 0n;
}

export const FARE_CLASSES = ['SAVER', 'CLASSIC', 'FLEX'] as const;
export type FareClass = (typeof FARE_CLASSES)[number];

const FARE_PERCENT = { SAVER: 80n, CLASSIC: 100n, FLEX: 135n } as const satisfies Record<FareClass, bigint>;
const INFANT_PERCENT = 10n;
const TAX_PERCENT = 12n;

/** So many passengers of a kind at the same fare. */
export type PriceLine = {
  readonly description: string;
  readonly quantity: number;
  readonly unitMinor: bigint;
  readonly amountMinor: bigint;
};

export type Price = {
  readonly baseMinor: bigint;
  readonly taxMinor: bigint;
  readonly totalMinor: bigint;
  readonly lines: readonly PriceLine[];
};

/**
 * The price of a booking, in the currency's smallest unit. Each passenger's fare is rounded half up, then the tax of
 * the sum is.
 */
export function priceOf(
  baseFareMinor: bigint,
  fareClass: FareClass,
  { adults, infants }: { readonly adults: number; readonly infants: number },
): Price {
  const percent = FARE_PERCENT[fareClass];
  const lines = [
    line(`${fareClass} fare, adult`, adults, roundedRatio(baseFareMinor * percent, 100n)),
    // Of the exact fare, not of the rounded one: rounding happens once.
    line(
      `${fareClass} fare, infant`,
      infants,
      roundedRatio(baseFareMinor * percent * INFANT_PERCENT, 10_000n),
    ),
  ].filter(({ quantity }) => quantity > 0);
  const baseMinor = lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0n);
  const taxMinor = roundedRatio(baseMinor * TAX_PERCENT, 100n);
  return { baseMinor, taxMinor, totalMinor: baseMinor + taxMinor, lines };
}

/** Half rounds up; fares are positive. */
function roundedRatio(value: bigint, divisor: bigint): bigint {
  return (value + divisor / 2n) / divisor;
}

function line(description: string, quantity: number, unitMinor: bigint): PriceLine {
  return { description, quantity, unitMinor, amountMinor: unitMinor * BigInt(quantity) };
}

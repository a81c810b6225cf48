import { percentOf } from '../money.ts';

export const FARE_CLASSES = ['SAVER', 'CLASSIC', 'FLEX'] as const;
export type FareClass = (typeof FARE_CLASSES)[number];

const FARE_PERCENT = { SAVER: 80n, CLASSIC: 100n, FLEX: 135n } as const satisfies Record<FareClass, bigint>;
const INFANT_PERCENT = 10n;
const TAX_PERCENT = 12n;

/** One line of the invoice: so many passengers of a kind at the same fare. */
export type PriceLine = { description: string; quantity: number; unitCents: bigint; amountCents: bigint };

export type Price = { netCents: bigint; taxCents: bigint; totalCents: bigint; lines: readonly PriceLine[] };

/** The price of a booking. Each passenger's fare is rounded half up to cents, then the tax of the sum is. */
export function priceOf(
  baseFareCents: bigint,
  fareClass: FareClass,
  { adults, infants }: { adults: number; infants: number },
): Price {
  const percent = FARE_PERCENT[fareClass];
  const adultCents = percentOf(baseFareCents, percent);
  // Of the exact fare, not of the rounded one: rounding happens once.
  const infantCents = (baseFareCents * percent * INFANT_PERCENT + 5000n) / 10_000n;
  const lines = [
    line(`${fareClass} fare, adult`, adults, adultCents),
    line(`${fareClass} fare, infant`, infants, infantCents),
  ].filter(({ quantity }) => quantity > 0);
  const netCents = lines.reduce((sum, { amountCents }) => sum + amountCents, 0n);
  const taxCents = percentOf(netCents, TAX_PERCENT);
  return { netCents, taxCents, totalCents: netCents + taxCents, lines };
}

function line(description: string, quantity: number, unitCents: bigint): PriceLine {
  return { description, quantity, unitCents, amountCents: unitCents * BigInt(quantity) };
}

import type { Money } from '@banyan/contracts/money/v1/money';

const NANOS_PER_MINOR = 10_000_000;
/** What a column of int8 takes, of either sign. */
const MINOR_MAX = 2n ** 63n - 1n;

/** An amount in the smallest unit of a currency with two decimals, as a message. */
export function moneyOf(minor: bigint, currencyCode: string): Money {
  // Both parts keep the amount's sign, as bigint's division does.
  return { currencyCode, units: minor / 100n, nanos: Number(minor % 100n) * NANOS_PER_MINOR };
}

/** The other way; null for what is finer than the smallest unit, of two signs, or too large to be stored. */
export function minorOf({ units, nanos }: Pick<Money, 'units' | 'nanos'>): bigint | null {
  if (!Number.isInteger(nanos) || nanos % NANOS_PER_MINOR !== 0 || Math.abs(nanos) >= 1_000_000_000)
    return null;
  if ((units > 0n && nanos < 0) || (units < 0n && nanos > 0)) return null;
  const minor = units * 100n + BigInt(nanos / NANOS_PER_MINOR);
  return minor > MINOR_MAX || minor < -MINOR_MAX ? null : minor;
}

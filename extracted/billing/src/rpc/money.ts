import type { Money } from '@banyan/contracts/money/v1/money';

const NANOS_PER_MINOR = 10_000_000;
const MINOR_MAX = 2n ** 63n - 1n;

export function toMoney(minor: bigint, currencyCode: string): Money {
  // Both parts have the amount's sign, as the quotient and remainder of bigints have.
  return { currencyCode, units: minor / 100n, nanos: Number(minor % 100n) * NANOS_PER_MINOR };
}

/** Null for what is no amount of two decimals. */
export function fromMoney({ units, nanos }: Money): bigint | null {
  if (nanos % NANOS_PER_MINOR !== 0 || Math.abs(nanos) >= 100 * NANOS_PER_MINOR) return null;
  if ((units > 0n && nanos < 0) || (units < 0n && nanos > 0)) return null;
  const minor = units * 100n + BigInt(nanos / NANOS_PER_MINOR);
  return minor > MINOR_MAX || minor < -MINOR_MAX ? null : minor;
}

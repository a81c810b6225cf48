import type { Money } from '@banyan/contracts/money/v1/money';
import { fromCents } from '../../money.ts';

const NANOS_PER_CENT = 10_000_000;

export function moneyToWire(cents: bigint, currencyCode: string): Money {
  return { currencyCode, units: cents / 100n, nanos: Number(cents % 100n) * NANOS_PER_CENT };
}

/** Exact, or thrown: a fraction of a cent is no amount here. */
export function centsFromWire(money: Money | undefined): bigint {
  if (!money) throw new RangeError('an amount is missing');
  if (money.nanos % NANOS_PER_CENT !== 0) throw new RangeError('an amount is a fraction of a cent');
  return money.units * 100n + BigInt(money.nanos / NANOS_PER_CENT);
}

export function decimalFromWire(money: Money | undefined): string {
  return fromCents(centsFromWire(money));
}

import type { Money } from '@banyan/contracts/money/v1/money';
import { required, ServiceNonsense } from '@banyan/gateway/carve-out';

// Standard since ES2026, not yet in the compiler's library.
declare global {
  interface JSON {
    rawJSON(text: string): { readonly rawJSON: string };
  }
}

const NANOS_PER_CENT = 10_000_000;

/** Cents of an amount. One that has more than two decimals is a fault of the service. */
export function centsOf(money: Money | undefined): bigint {
  const { units, nanos } = required(money, 'amount');
  if (nanos % NANOS_PER_CENT !== 0) throw new ServiceNonsense('an amount has more than two decimals');
  return units * 100n + BigInt(nanos / NANOS_PER_CENT);
}

/** `"412.50"`. */
export function decimalOf(money: Money | undefined): string {
  const cents = centsOf(money);
  const digits = (cents < 0n ? -cents : cents).toString().padStart(3, '0');
  return `${cents < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

const DECIMAL = /^(-?)(\d{1,15})(?:\.(\d{1,2}))?$/;

/** Cents of a client's text (`"12"`, `"12.5"`, `"12.50"`), or null when it is no amount. */
export function parseCents(text: string): bigint | null {
  const match = DECIMAL.exec(text);
  if (!match) return null;
  const cents = BigInt(match[2] as string) * 100n + BigInt((match[3] ?? '').padEnd(2, '0'));
  return match[1] === '-' ? -cents : cents;
}

export function currencyOf(money: Money | undefined): string {
  return required(money, 'amount').currencyCode;
}

/** An amount of cents. */
export function moneyOf(cents: bigint, currencyCode: string): Money {
  return { currencyCode, units: cents / 100n, nanos: Number(cents % 100n) * NANOS_PER_CENT };
}

/** A JSON number of any size; a double would round it beyond 2^53. */
export function rawInteger(value: bigint): { readonly rawJSON: string } {
  return JSON.rawJSON(value.toString());
}

/** Bookings' time: `2026-11-22 19:30:00`, UTC, cut to the second. */
export function wallClock(at: Date | undefined): string {
  return required(at, 'time').toISOString().slice(0, 19).replace('T', ' ');
}

/** Billing's time: `2026-11-22T19:30:00.000Z`. */
export function isoInstant(at: Date | undefined): string {
  return required(at, 'time').toISOString();
}

/** A calendar day `YYYY-MM-DD` that exists, else null. Years before 1000 are refused with the rest. */
export function parseDay(text: string): string | null {
  if (!/^[1-9]\d{3}-\d{2}-\d{2}$/.test(text)) return null;
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(text) ? text : null;
}

export function startOfDay(day: string): Date {
  return new Date(`${day}T00:00:00Z`);
}

/** The open end of a range that includes its last day. No row is later than the year 9999. */
export function endOfDay(day: string): Date {
  const at = startOfDay(day);
  at.setUTCDate(at.getUTCDate() + 1);
  return at.getUTCFullYear() > 9999 ? startOfDay('9999-12-31') : at;
}

/** An enum's value as the API names it: without its prefix. What is no value of ours is nonsense. */
export function nameOf<Value extends string, Prefix extends string>(
  value: Value,
  prefix: Prefix,
): Exclude<Value extends `${Prefix}${infer Name}` ? Name : never, 'UNSPECIFIED'> {
  if (!value.startsWith(prefix) || value === `${prefix}UNSPECIFIED`) {
    throw new ServiceNonsense(`${value} is no value of ${prefix}*`);
  }
  return value.slice(prefix.length) as never;
}

export type RawInteger = { readonly rawJSON: string };

/**
 * A body of the contract as it is written: integers exact. Builders of answers are typed by it, so that a change of
 * the contract breaks them.
 */
export type OnWire<Body> = Body extends bigint
  ? RawInteger
  : Body extends number
    ? number | RawInteger
    : Body extends readonly (infer Element)[]
      ? OnWire<Element>[]
      : Body extends object
        ? { [Key in keyof Body]: OnWire<Body[Key]> }
        : Body;

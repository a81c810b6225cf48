import type { Cabin } from '@banyan/contracts/booking/v1/booking';
import { Refusal } from '@meridian/habits/refusal';
import { isSingleLine, isStorable, lengthOf } from '@meridian/habits/text';

/**
 * The rules of single fields, in the contract's words. Each refuses its field at once: of all faults the API names
 * the first in documented order, and in that order they are read.
 */

export const TITLES = ['MR', 'MRS', 'MS', 'MX', 'DR'] as const;
export const FARE_CLASSES = ['SAVER', 'CLASSIC', 'FLEX'] as const;

const EMAIL = /^[^\s@]+@[^\s@]+$/;
const SEAT = /^[1-9][0-9]?[A-K]$/;
const FREQUENT_FLYER = /^[A-Z0-9]{5,12}$/;

export const NAME_LENGTH_MAX = 60;
export const PHONE_LENGTH_MAX = 30;
export const NOTE_LENGTH_MAX = 500;
const EMAIL_LENGTH_MAX = 254;

export function fault(path: string, rule: string): Refusal {
  return new Refusal('invalid', `${path} ${rule}`);
}

/** A fault told in a sentence of its own. */
export function misfit(path: string, what: string): Refusal {
  return new Refusal('invalid', `${path}: ${what}`);
}

/** Absent, null and the empty string are one: nothing given. */
export function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}

export function optionalText(value: unknown, path: string, lengthMax: number): string | undefined {
  if (isAbsent(value)) return undefined;
  if (typeof value !== 'string') throw fault(path, 'must be a string');
  if (!isStorable(value)) throw fault(path, 'contains characters that are not allowed');
  if (lengthOf(value) > lengthMax) throw fault(path, `must have at most ${lengthMax} characters`);
  return value;
}

export function optionalLine(value: unknown, path: string, lengthMax: number): string | undefined {
  if (typeof value === 'string' && !isSingleLine(value)) {
    throw fault(path, 'contains characters that are not allowed');
  }
  return optionalText(value, path, lengthMax);
}

export function requiredLine(value: unknown, path: string, lengthMax: number): string {
  const text = optionalLine(value, path, lengthMax);
  if (text === undefined || text.trim() === '') throw fault(path, 'is required');
  return text;
}

export function requiredEmail(value: unknown, path: string): string {
  const text = requiredLine(value, path, EMAIL_LENGTH_MAX);
  if (!EMAIL.test(text)) throw fault(path, 'must be an e-mail address');
  return text;
}

/** An id as a number or in digits, or nothing where nothing is given. A number beyond 2^53 is no id: it was rounded. */
export function optionalId(value: unknown, path: string): bigint | undefined {
  if (isAbsent(value)) return undefined;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return BigInt(value);
  if (typeof value === 'string' && /^\d{1,18}$/.test(value)) return BigInt(value);
  throw fault(path, 'must be an id');
}

export function requiredId(value: unknown, path: string): bigint {
  const id = optionalId(value, path);
  if (id === undefined) throw fault(path, 'is required');
  return id;
}

export function yesNo(value: unknown, path: string): boolean {
  if (isAbsent(value)) return false;
  if (value !== 'Y' && value !== 'N') throw fault(path, 'must be Y or N');
  return value === 'Y';
}

export function optionalChoice<Choice extends string>(
  value: unknown,
  path: string,
  choices: readonly Choice[],
): Choice | undefined {
  if (isAbsent(value)) return undefined;
  const choice = choices.find((each) => each === value);
  if (choice === undefined) throw fault(path, `must be one of ${choices.join(', ')}`);
  return choice;
}

export function optionalFrequentFlyerNumber(value: unknown, path: string): string | undefined {
  if (isAbsent(value)) return undefined;
  if (typeof value !== 'string' || !FREQUENT_FLYER.test(value)) {
    throw fault(path, 'must be 5 to 12 capital letters and digits');
  }
  return value;
}

/**
 * A seat that `taken` has not had yet in this request, or nothing. Notes it in `taken`. Without a cabin it is not
 * asked whether the aircraft has it.
 */
export function optionalSeat(
  value: unknown,
  path: string,
  cabin: Cabin | undefined,
  taken: Set<string>,
): string | undefined {
  if (isAbsent(value)) return undefined;
  if (typeof value !== 'string' || !SEAT.test(value))
    throw fault(path, 'must be a row and a column, as in 12A');
  if (cabin !== undefined && !hasSeat(cabin, value)) throw misfit(path, `this aircraft has no seat ${value}`);
  if (taken.has(value)) throw misfit(path, `seat ${value} is given twice`);
  taken.add(value);
  return value;
}

function hasSeat(cabin: Cabin, seat: string): boolean {
  return Number(seat.slice(0, -1)) <= cabin.rows && cabin.columns.includes(seat.slice(-1));
}

/** An element of a list, which must be an object. */
export function asObject(value: unknown, path: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw fault(path, 'must be an object');
  return value as Record<string, unknown>;
}

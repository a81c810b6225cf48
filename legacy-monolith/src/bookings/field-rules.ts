import { invalidField, type Refusal } from '../http/refusal.ts';
import { isSingleLine, isStorable, lengthOf } from '../http/text.ts';

/** The rules of single fields that creating and changing a booking share. Each throws the 422 of its field. */

export const TITLES = ['MR', 'MRS', 'MS', 'MX', 'DR'] as const;
export type Title = (typeof TITLES)[number];
export type YesNo = 'Y' | 'N';

const EMAIL = /^[^\s@]+@[^\s@]+$/;
const SEAT = /^[1-9][0-9]?[A-K]$/;
const FREQUENT_FLYER = /^[A-Z0-9]{5,12}$/;

export const NAME_LENGTH_MAX = 60;
export const EMAIL_LENGTH_MAX = 254;
export const PHONE_LENGTH_MAX = 30;
export const NOTE_LENGTH_MAX = 500;

export function fault(path: string, rule: string): Refusal {
  return invalidField(path, `${path} ${rule}`);
}

/** Absent, null and the empty string are one: nothing given. */
export function isAbsent(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}

export function optionalText(value: unknown, path: string, lengthMax: number): string | null {
  if (isAbsent(value)) return null;
  if (typeof value !== 'string') throw fault(path, 'must be a string');
  if (!isStorable(value)) throw fault(path, 'contains characters that are not allowed');
  if (lengthOf(value) > lengthMax) throw fault(path, `must have at most ${lengthMax} characters`);
  return value;
}

export function optionalLine(value: unknown, path: string, lengthMax: number): string | null {
  if (typeof value === 'string' && !isSingleLine(value)) {
    throw fault(path, 'contains characters that are not allowed');
  }
  return optionalText(value, path, lengthMax);
}

export function requiredLine(value: unknown, path: string, lengthMax: number): string {
  const text = optionalLine(value, path, lengthMax);
  if (text === null || text.trim() === '') throw fault(path, 'is required');
  return text;
}

export function requiredEmail(value: unknown, path: string): string {
  const text = requiredLine(value, path, EMAIL_LENGTH_MAX);
  if (!EMAIL.test(text)) throw fault(path, 'must be an e-mail address');
  return text;
}

/** An id as a number or in digits, or null when nothing is given. */
export function optionalId(value: unknown, path: string): string | null {
  if (isAbsent(value)) return null;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return String(value);
  if (typeof value === 'string' && /^\d{1,18}$/.test(value)) return BigInt(value).toString();
  throw fault(path, 'must be an id');
}

export function requiredId(value: unknown, path: string): string {
  const id = optionalId(value, path);
  if (id === null) throw fault(path, 'is required');
  return id;
}

export function yesNo(value: unknown, path: string): YesNo {
  if (isAbsent(value)) return 'N';
  if (value !== 'Y' && value !== 'N') throw fault(path, 'must be Y or N');
  return value;
}

export function optionalChoice<Choice extends string>(
  value: unknown,
  path: string,
  choices: readonly Choice[],
): Choice | null {
  if (isAbsent(value)) return null;
  const choice = choices.find((each) => each === value);
  if (choice === undefined) throw fault(path, `must be one of ${choices.join(', ')}`);
  return choice;
}

export function optionalFrequentFlyerNo(value: unknown, path: string): string | null {
  if (isAbsent(value)) return null;
  if (typeof value !== 'string' || !FREQUENT_FLYER.test(value)) {
    throw fault(path, 'must be 5 to 12 capital letters and digits');
  }
  return value;
}

export type Cabin = { rows: number; columns: string };

/** A seat of this aircraft that `taken` has not had yet in this request, or null. Notes it in `taken`. */
export function optionalSeat(value: unknown, path: string, cabin: Cabin, taken: Set<string>): string | null {
  if (isAbsent(value)) return null;
  if (typeof value !== 'string' || !SEAT.test(value))
    throw fault(path, 'must be a row and a column, as in 12A');
  if (Number(value.slice(0, -1)) > cabin.rows || !cabin.columns.includes(value.slice(-1))) {
    throw invalidField(path, `${path}: this aircraft has no seat ${value}`);
  }
  if (taken.has(value)) throw invalidField(path, `${path}: seat ${value} is given twice`);
  taken.add(value);
  return value;
}

/** An element of a JSON list, which must be an object; its own fields only. */
export function asObject(value: unknown, path: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw fault(path, 'must be an object');
  return value as Record<string, unknown>;
}

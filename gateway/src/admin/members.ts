import type { Fault } from '@banyan/openapi/generated/admin';
import { Refusal } from './problem.ts';

/** What a value is read as, or all that is wrong with it. */
export type Read<T> = { readonly value: T } | { readonly faults: readonly Fault[] };

/** Reads one value; `field` is how its faults name it. */
export type Rule<T> = (value: unknown, field: string) => Read<T>;

type Values<Rules> = { readonly [Name in keyof Rules]?: Rules[Name] extends Rule<infer T> ? T : never };

const SHOWN_LENGTH_MAX = 120;

/** A value by a test and the sentence that says it. */
export function rule<T>(says: string, is: (value: unknown) => value is T): Rule<T> {
  return (value, field) => (is(value) ? { value } : { faults: [faultOf(field, says, value)] });
}

/** A fault with what was got, cut to a bound. */
export function faultOf(field: string, says: string, got?: unknown): Fault {
  return {
    field: field.slice(0, SHOWN_LENGTH_MAX),
    rule: says,
    ...(got === undefined ? {} : { got: shown(got) }),
  };
}

export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > SHOWN_LENGTH_MAX ? `${text.slice(0, SHOWN_LENGTH_MAX)}…` : text;
}

/**
 * The members of an object: each by its rule, those that are required there, and no others. Holds what could be read
 * beside the faults of the rest, for rules that join several.
 */
export function readMembers<Rules extends Readonly<Record<string, Rule<unknown>>>>(
  body: unknown,
  rules: Rules,
  required: readonly (keyof Rules & string)[],
): { readonly values: Values<Rules>; readonly faults: readonly Fault[] } {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    return { values: {}, faults: [faultOf('body', 'must be a JSON object', body)] };
  }
  const values: Record<string, unknown> = {};
  const faults: Fault[] = [];
  for (const [name, value] of Object.entries(body)) {
    if (!Object.hasOwn(rules, name)) {
      faults.push(faultOf(name, `is none of ${Object.keys(rules).join(', ')}`, value));
      continue;
    }
    const read = (rules[name] as Rule<unknown>)(value, name);
    if ('value' in read) values[name] = read.value;
    else faults.push(...read.faults);
  }
  for (const name of required) {
    if (!Object.hasOwn(body, name)) faults.push(faultOf(name, 'must be there'));
  }
  return { values: values as Values<Rules>, faults };
}

/** Throws the refusal that names every fault. */
export function refuseFaults(faults: readonly Fault[]): void {
  if (faults.length === 0) return;
  const sentences = faults.map(({ field, rule: says, got }) => {
    return `${field}: ${says}${got === undefined ? '' : `; got ${got}`}.`;
  });
  throw new Refusal('invalid-value', sentences.join(' '), { faults });
}

/** A line of text that is safe to print in a terminal: no control, no change of direction, not blank. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
const REASON_LENGTH_MAX = 500;

export const reason = rule(
  `must be a line of 1 to ${REASON_LENGTH_MAX} characters that says why`,
  (value): value is string =>
    typeof value === 'string' &&
    value.trim() !== '' &&
    [...value].length <= REASON_LENGTH_MAX &&
    !UNPRINTABLE.test(value),
);

export const yesOrNo = rule('must be true or false', (value) => typeof value === 'boolean');

export const name = rule(
  'must be a name of 1 to 200 characters',
  (value): value is string => typeof value === 'string' && value.length >= 1 && value.length <= 200,
);

/** In steps of 0.001, as the buckets of stickiness are. */
export const percent = rule(
  'must be a number from 0 to 100 in steps of 0.001',
  (value): value is number =>
    typeof value === 'number' &&
    value >= 0 &&
    value <= 100 &&
    Math.abs(value * 1_000 - Math.round(value * 1_000)) < 1e-6,
);

export function oneOf<const T extends string>(values: readonly T[]): Rule<T> {
  return rule(`must be one of ${values.join(', ')}`, (value): value is T => values.includes(value as T));
}

export function wholeNumber(min: number, max: number): Rule<number> {
  return rule(
    `must be a whole number from ${min} to ${max}`,
    (value): value is number =>
      Number.isInteger(value) && (value as number) >= min && (value as number) <= max,
  );
}

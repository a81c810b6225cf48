/** How two answers differ at one place. */
export const DIFFERENCE_KINDS = [
  'status',
  /** A header's value; `missing` and `extra` are said of headers too. */
  'header',
  /** The monolith has it, the service has not; `extra` the other way round. */
  'missing',
  'extra',
  /** Of JSON: a number for a string, an object for null, … */
  'type',
  'value',
  /** Of an array: how many elements it has. */
  'length',
  /** The same JSON in other bytes: the order of fields, white space, how a letter is escaped. */
  'representation',
  /** Of a body that is text, and of one that is bytes. */
  'text',
  'bytes',
] as const;
export type DifferenceKind = (typeof DIFFERENCE_KINDS)[number];

export type SideType =
  | 'absent'
  | 'status'
  | 'header'
  | 'null'
  | 'boolean'
  | 'number'
  | 'string'
  | 'array'
  | 'object'
  | 'text'
  | 'bytes';

/** What one of the two has there. `length`: characters, elements, fields or bytes, by the type. */
export type Side = {
  readonly type: SideType;
  readonly length: number;
  /** As it stands, cut to a bound around where they differ; of arrays and objects nothing. */
  readonly text: string;
};

/**
 * One difference, as found: it holds what the answers hold, and is kept no longer than they are. redact.ts makes of
 * it what may be kept and shown.
 */
export type Difference = {
  /** `status`, `header:etag`, `body`, or where in a JSON body: `$.payments[0].amount`. */
  readonly path: string;
  /** The same with `[*]` for each index: by this it is counted, and declared volatile. */
  readonly field: string;
  readonly kind: DifferenceKind;
  readonly monolith: Side;
  readonly service: Side;
  /** Where the two begin to differ: the character, the byte, or in a text the line; from 0. Absent where that says nothing. */
  readonly at?: number;
};

/** A bounded number of differences. `isComplete` is false where there are more. */
export type Differences = { readonly found: readonly Difference[]; readonly isComplete: boolean };

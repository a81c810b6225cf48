/** Standard since ES2026, not yet in the compiler's library. */
type SourceReviver = (this: unknown, key: string, value: unknown, context: { source?: string }) => unknown;
const parseWithSource = JSON.parse as (text: string, reviver: SourceReviver) => unknown;
const rawJSON = (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON;

/**
 * Parses JSON as the contract writes it: every number is an integer; one beyond 2^53 becomes a bigint, so that
 * nothing is rounded. A fraction or an exponent is an error.
 */
export function parseExactJson(text: string): unknown {
  return parseWithSource(text, (_key, value, { source }) => {
    if (typeof value !== 'number') return value;
    if (source === undefined || !/^-?(0|[1-9][0-9]*)$/.test(source)) {
      throw new SyntaxError(`${source} is no integer, and the contract has no other numbers`);
    }
    return Number.isSafeInteger(value) ? value : BigInt(source);
  });
}

/** The one way the contract writes a value: without white space, keys as they stand, integers exact. */
export function writeExactJson(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) =>
    typeof each === 'bigint' ? rawJSON(each.toString()) : each,
  );
}

/** The same value for a validator that knows numbers only. Bigints are rounded: compare them before. */
export function withNumbers(value: unknown): unknown {
  return JSON.parse(writeExactJson(value));
}

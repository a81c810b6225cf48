// Standard since ES2026, not yet in the compiler's library.
declare global {
  interface JSON {
    rawJSON(text: string): { readonly rawJSON: string };
  }
}

/** A JSON number of any size from the database's bigint text; a double would round it beyond 2^53. */
export type RawInteger = { readonly rawJSON: string };

export function rawInteger(digits: string): RawInteger {
  // rawJSON refuses what is no JSON primitive, so nothing can be smuggled in; leading zeros do not occur.
  return JSON.rawJSON(digits);
}

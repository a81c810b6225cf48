import type { CompareOptions } from '../carve-out/compare-options.ts';

/** What has been declared, ready to be asked by `Difference.field`. */
export type CompareRules = {
  isIgnored(field: string): boolean;
  /** Also of what is within a declared place. */
  isShown(field: string): boolean;
  /** Whether some field of a JSON body is ignored. */
  readonly ignoresFields: boolean;
};

export function createCompareRules({ ignore = [], show = [] }: CompareOptions = {}): CompareRules {
  const ignored = new Set(ignore);
  return {
    isIgnored: (field) => ignored.has(field),
    isShown: (field) =>
      show.some((place) => field === place || field.startsWith(`${place}.`) || field.startsWith(`${place}[`)),
    ignoresFields: ignore.some((place) => place.startsWith('$')),
  };
}

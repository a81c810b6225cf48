import type { Difference, Differences, Side } from './difference.ts';

/** Gathers differences up to a bound. */
export type Findings = {
  add(difference: Difference): void;
  /** Those beyond the bound as well. */
  readonly count: number;
  /** It is known that there are more than are kept: looking on is of no use. */
  readonly isFull: boolean;
  end(): Differences;
};

export function createFindings(max: number): Findings {
  const found: Difference[] = [];
  let count = 0;
  return {
    add: (difference) => {
      count += 1;
      if (count <= max) found.push(difference);
    },
    get count() {
      return count;
    },
    get isFull() {
      return count > max;
    },
    end: () => ({ found, isComplete: count <= max }),
  };
}

export const ABSENT: Side = { type: 'absent', length: 0, text: '' };

/** Of a long value, so much is kept, around where it differs. */
export const SHOWN_LENGTH_MAX = 120;
const BEFORE = 40;

/** The part of a value that shows where it differs, `…` for what is left out. */
export function shownPart(text: string, at = 0): string {
  if (text.length <= SHOWN_LENGTH_MAX) return text;
  const from = Math.max(0, Math.min(at - BEFORE, text.length - SHOWN_LENGTH_MAX));
  const to = from + SHOWN_LENGTH_MAX;
  return `${from > 0 ? '…' : ''}${text.slice(from, to)}${to < text.length ? '…' : ''}`;
}

/** The first character in which two differ; the length of the shorter one, where that is all of it. */
export function firstDifference(one: string, other: string): number {
  const length = Math.min(one.length, other.length);
  for (let at = 0; at < length; at++) if (one.charCodeAt(at) !== other.charCodeAt(at)) return at;
  return length;
}

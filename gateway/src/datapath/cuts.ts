import { scanFields } from '../wire/fields.ts';

/** Pairs of offsets into a head, in order and apart: what to leave out of it. */
export type Cuts = readonly number[];

/** The lines of the section whose name (lower case) `isCut` holds. */
export function cutLines(
  bytes: Buffer,
  from: number,
  to: number,
  isCut: (name: string, lineStart: number) => boolean,
): number[] {
  const cuts: number[] = [];
  scanFields(bytes, from, to, {
    field: (nameStart, nameEnd, _, __, lineEnd) => {
      if (isCut(bytes.toString('latin1', nameStart, nameEnd).toLowerCase(), nameStart)) {
        cuts.push(nameStart, lineEnd);
      }
    },
  });
  return cuts;
}

/** Both sets of lines in order; neither cuts into the other's. */
export function mergeCuts(a: Cuts, b: Cuts): Cuts {
  if (a.length === 0) return b;
  if (b.length === 0) return a;
  const starts = new Map<number, number>();
  for (const cuts of [a, b]) {
    for (let i = 0; i < cuts.length; i += 2) starts.set(cuts[i] as number, cuts[i + 1] as number);
  }
  return [...starts].sort(([x], [y]) => x - y).flat();
}

/** Copies `source[from, to)` without the cuts to `target` at `at`; returns the offset behind. */
export function copyWithout(
  source: Buffer,
  from: number,
  to: number,
  cuts: Cuts,
  target: Buffer,
  at: number,
): number {
  let kept = from;
  let position = at;
  for (let i = 0; i < cuts.length; i += 2) {
    position += source.copy(target, position, kept, cuts[i] as number);
    kept = cuts[i + 1] as number;
  }
  return position + source.copy(target, position, kept, to);
}

/**
 * Closes the gaps in place by moving what precedes each cut up to what follows it, and returns where the head
 * now starts. So head and body stay one piece, and one write.
 */
export function closeGaps(bytes: Buffer, start: number, cuts: Cuts): number {
  let shift = 0;
  for (let i = cuts.length - 2; i >= 0; i -= 2) {
    const cutStart = cuts[i] as number;
    shift += (cuts[i + 1] as number) - cutStart;
    const segmentStart = i >= 2 ? (cuts[i - 1] as number) : start;
    bytes.copyWithin(segmentStart + shift, segmentStart, cutStart);
  }
  return start + shift;
}

/**
 * Durations on a logarithmic scale: four bins to an octave, from 1/16 ms to 2^20 ms (17 minutes), what is shorter or
 * longer in the outermost. A quantile read from them is within 10 % of the true one between these bounds.
 */
export const BIN_COUNT = 96;

const BINS_PER_OCTAVE = 4;
const SHORTEST_LOG2 = -4;

export function binOf(durationMs: number): number {
  const bin = Math.floor((Math.log2(durationMs) - SHORTEST_LOG2) * BINS_PER_OCTAVE);
  // Neither is a number for 0, nor for a clock that went back.
  if (!(bin > 0)) return 0;
  return bin < BIN_COUNT ? bin : BIN_COUNT - 1;
}

/** The duration that all of a bin are taken for, in milliseconds: halfway, on its scale. */
export function durationOfBin(bin: number): number {
  return 2 ** ((bin + 0.5) / BINS_PER_OCTAVE + SHORTEST_LOG2);
}

/** The duration that this share (0 to 1) of what was counted does not exceed. Null where nothing was counted. */
export function quantile(counts: ArrayLike<number>, share: number): number | null {
  let total = 0;
  for (let bin = 0; bin < BIN_COUNT; bin += 1) total += counts[bin] ?? 0;
  if (total === 0) return null;
  const rank = Math.max(1, Math.ceil(total * share));
  let seen = 0;
  for (let bin = 0; bin < BIN_COUNT; bin += 1) {
    seen += counts[bin] ?? 0;
    if (seen >= rank) return durationOfBin(bin);
  }
  return durationOfBin(BIN_COUNT - 1);
}

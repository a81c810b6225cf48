export type Totals = { passed: number; failed: number; skipped: number };

export const NO_TOTALS: Totals = { passed: 0, failed: 0, skipped: 0 };

/** Begins the line by which a test process tells its totals. */
export const TOTALS_MARK = '\u0001totals ';

export function addTotals(a: Totals, b: Totals): Totals {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped };
}

/** The last line of a run: read by people and by scripts. */
export function closingLine({ passed, failed, skipped }: Totals): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

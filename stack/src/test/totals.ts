export type Totals = {
  passed: number;
  failed: number;
  skipped: number;
  /** What failed, each in a few lines: its place and name, then the head of the error. */
  failures: readonly string[];
};

export const NO_TOTALS: Totals = { passed: 0, failed: 0, skipped: 0, failures: [] };

/** Begins the line by which a test process tells its totals. */
export const TOTALS_MARK = '\u0001totals ';

/** The line by which it says that one more test is through: files are told of in their order, which may take long. */
export const THROUGH_MARK = '\u0001through';

export function addTotals(a: Totals, b: Totals): Totals {
  return {
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
    failures: [...a.failures, ...b.failures],
  };
}

const HEAD_LINES = 6;

/** A failure told in brief, for the end of a run: its whole text stands further up. */
export function briefly(place: string, name: string, error: string): string {
  const head = error
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(0, HEAD_LINES);
  return [`✗ ${place}  ${name}`, ...head.map((line) => `    ${line}`)].join('\n');
}

/** The last line of a run: read by people and by scripts. */
export function closingLine({ passed, failed, skipped }: Totals): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

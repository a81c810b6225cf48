export type ProgressFacts = {
  readonly step: string;
  readonly table: string;
  readonly rows: number;
  readonly rowsTotal: number;
  /** Of this step in this run, and the rows it began with. */
  readonly elapsedMs: number;
  readonly rowsBefore: number;
};

const BAR_COLUMNS = 24;
/** Before that a rate says nothing. */
const RATE_AFTER_MS = 500;

/** `verify  invoices  12,000 of 50,000 rows (24 %), 41,000 rows/s, 0:01 left` */
export function progressText(facts: ProgressFacts): string {
  const { step, table, rows, rowsTotal } = facts;
  const percent = rowsTotal === 0 ? 100 : Math.min(100, Math.floor((rows / rowsTotal) * 100));
  const parts = [`${grouped(rows)} of ${grouped(rowsTotal)} rows (${percent} %)`];
  const rate = rateOf(facts);
  if (rate !== null) {
    parts.push(`${grouped(Math.round(rate))} rows/s`);
    parts.push(`${duration(Math.max(0, rowsTotal - rows) / rate)} left`);
  }
  return `${step}  ${table}  ${parts.join(', ')}`;
}

/** The same behind a bar, within the columns of a terminal. */
export function progressBar(facts: ProgressFacts, columns: number): string {
  const share = facts.rowsTotal === 0 ? 1 : Math.min(1, facts.rows / facts.rowsTotal);
  const full = Math.round(share * BAR_COLUMNS);
  const bar = `[${'#'.repeat(full)}${'-'.repeat(BAR_COLUMNS - full)}]`;
  return `${bar} ${progressText(facts)}`.slice(0, Math.max(0, columns - 1));
}

function rateOf({ rows, rowsBefore, elapsedMs }: ProgressFacts): number | null {
  const done = rows - rowsBefore;
  return elapsedMs < RATE_AFTER_MS || done <= 0 ? null : done / (elapsedMs / 1000);
}

const grouped = (count: number): string => count.toLocaleString('en-US');

function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (part: number) => String(part).padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

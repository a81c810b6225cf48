import { parseDay } from '../clock.ts';
import { ConfigError } from '../config.ts';

export const SEED_SCALES = ['full', 'small', 'none'] as const;
export type SeedScale = (typeof SEED_SCALES)[number];

/** What the preparation of a database is told from outside, parsed once and frozen. */
export type PrepareConfig = Readonly<{
  databaseUrl: string;
  /** The day that seeded times are relative to. */
  seedDate: string;
  /** `none`: the schema alone. */
  seedScale: SeedScale;
}>;

/** Reads the environment. Throws a `ConfigError` with all faults; a password never appears in it. */
export function parsePrepareConfig(
  env: Readonly<Record<string, string | undefined>>,
  today: Date,
): PrepareConfig {
  const faults: string[] = [];
  const databaseUrl = env.MONOLITH_DATABASE_URL ?? '';
  const protocol = URL.canParse(databaseUrl) ? new URL(databaseUrl).protocol : '';
  if (protocol !== 'postgres:' && protocol !== 'postgresql:') {
    const got = databaseUrl === '' ? 'nothing' : 'something else (not shown)';
    faults.push(
      `MONOLITH_DATABASE_URL must be a URL that starts with postgres:// or postgresql://, got ${got}`,
    );
  }
  const seedDate = parseDay(env.SEED_DATE || today.toISOString().slice(0, 10));
  if (seedDate === null) {
    faults.push(`SEED_DATE must be a date such as 2026-11-22, got ${JSON.stringify(env.SEED_DATE)}`);
  }
  const scaleText = env.SEED_SCALE || 'full';
  const seedScale = SEED_SCALES.find((each) => each === scaleText);
  if (seedScale === undefined) {
    faults.push(`SEED_SCALE must be one of ${SEED_SCALES.join(', ')}, got ${JSON.stringify(scaleText)}`);
  }
  if (seedDate === null || seedScale === undefined || faults.length > 0) throw new ConfigError(faults);
  return Object.freeze({ databaseUrl, seedDate, seedScale });
}

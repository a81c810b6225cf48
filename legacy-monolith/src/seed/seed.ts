import pg from 'pg';
import { hashPassword } from '../auth/passwords.ts';
import { parseDay } from '../clock.ts';
import { DEMO_PASSWORD, seedAccounts } from './accounts.ts';
import { AIRPORTS } from './airports.ts';
import { seedBilling } from './billing.ts';
import { seedBookings } from './bookings.ts';
import { type FlightWindow, seedFlights } from './flights.ts';
import { createPrng } from './prng.ts';
import { type OnRows, type SeedData, writeSeed } from './write-seed.ts';

type Scale = { airports: number; flights: number; accounts: number; bookings: number; window: FlightWindow };

const SCALES = {
  small: { airports: 12, flights: 60, accounts: 30, bookings: 200, window: { daysBefore: 5, daysAfter: 14 } },
  full: {
    airports: 60,
    flights: 2000,
    accounts: 5000,
    bookings: 50_000,
    window: { daysBefore: 60, daysAfter: 60 },
  },
} as const satisfies Record<string, Scale>;

export type SeedOptions = {
  /** All times are relative to this day's midnight UTC. */
  seedDate: string;
  scale: keyof typeof SCALES;
  /** Told after every batch of rows. */
  onProgress?: OnRows;
};

/**
 * Fills an empty, migrated database, all or nothing. The same date and scale give the same rows, whatever the
 * machine; the demo accounts always have the ids 1 to 6.
 */
export async function seedMeridian(databaseUrl: string, options: SeedOptions): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl, options: '-c timezone=UTC' });
  const data = makeSeed(options);
  const passwordHash = await hashPassword(DEMO_PASSWORD, Buffer.from('meridian-air-demo'));
  await client.connect();
  try {
    await client.query('BEGIN');
    // Nobody follows a seat map of flights that are not there yet.
    await client.query(`SET LOCAL meridian.quiet_seats = 'on'`);
    await writeSeed(client, data, passwordHash, options.onProgress ?? (() => {}));
    await client.query('COMMIT');
    // Fresh statistics, or the first queries run on plans for an empty database.
    await client.query('ANALYZE');
  } finally {
    await client.end();
  }
}

/** The rows, without a database. */
export function makeSeed({ seedDate, scale }: SeedOptions): SeedData {
  if (parseDay(seedDate) === null) throw new RangeError('the seed date must be a day, YYYY-MM-DD');
  const size: Scale = SCALES[scale];
  const seedAt = new Date(`${seedDate}T00:00:00Z`);
  // A generator of its own for each kind: more of one kind leaves the others as they were.
  const prng = (kind: string) => createPrng(`${seedDate}/${scale}/${kind}`);
  const airports = AIRPORTS.slice(0, size.airports);
  const accounts = seedAccounts(prng('accounts'), size.accounts, seedAt);
  const flights = seedFlights(prng('flights'), airports, size.flights, seedAt, size.window);
  const bookings = seedBookings(prng('bookings'), accounts, flights, size.bookings, seedAt);
  const billing = seedBilling(prng('billing'), bookings);
  return { airports, accounts, flights, bookings, billing };
}

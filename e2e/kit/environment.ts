export type Environment = Readonly<{
  gatewayUrl: string;
  adminUrl: string;
  /** Of an operator. Null: the one in the data folder of the stack. */
  adminToken: string | null;
  /** Of the stack; relative to the repository. */
  dataDir: string;
  monolithUrl: string;
  acquirerUrl: string;
  mailUrl: string;
  /** The monolith's database: journeys make flights in it, and make happen what no page can. */
  databaseUrl: string;
  /** Where bookings are written: the monolith's database, or their service's. */
  bookingDatabaseUrl: string;
  /** The program; null where Playwright has a browser of its own. */
  chromium: string | null;
  /**
   * Names the run by the services that own, `none` where the monolith owns all; empty where that is not known. In the
   * paths of what the run leaves behind.
   */
  owners: string;
  /** Where the report for programs goes; null: none is wanted. */
  jsonReport: string | null;
}>;

/** `npm run test:e2e` sets them all; without them the journeys run on what `npm start` has started. */
const DEFAULTS = {
  E2E_GATEWAY_URL: 'http://127.0.0.1:8080',
  E2E_ADMIN_URL: 'http://127.0.0.1:8081',
  E2E_MONOLITH_URL: 'http://127.0.0.1:3000',
  E2E_ACQUIRER_URL: 'http://127.0.0.1:4010',
  E2E_MAIL_URL: 'http://127.0.0.1:8025',
  E2E_DATABASE_URL: 'postgres://meridian@127.0.0.1:54329/meridian',
  E2E_BOOKING_DATABASE_URL: '',
} as const;

/** Where the system under test is. Throws with all that is wrong at once. */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>): Environment {
  const faults: string[] = [];
  const url = (name: keyof typeof DEFAULTS): string => {
    const text = env[name] || DEFAULTS[name];
    if (!URL.canParse(text)) faults.push(`${name} must be a URL, got ${JSON.stringify(text)}`);
    return text.replace(/\/$/, '');
  };
  const environment: Environment = {
    gatewayUrl: url('E2E_GATEWAY_URL'),
    adminUrl: url('E2E_ADMIN_URL'),
    adminToken: env.E2E_ADMIN_TOKEN || null,
    dataDir: env.STACK_DATA_DIR || '.data',
    monolithUrl: url('E2E_MONOLITH_URL'),
    acquirerUrl: url('E2E_ACQUIRER_URL'),
    mailUrl: url('E2E_MAIL_URL'),
    databaseUrl: url('E2E_DATABASE_URL'),
    bookingDatabaseUrl: url(env.E2E_BOOKING_DATABASE_URL ? 'E2E_BOOKING_DATABASE_URL' : 'E2E_DATABASE_URL'),
    chromium: env.BANYAN_CHROMIUM || null,
    owners: env.E2E_OWNERS || '',
    jsonReport: env.E2E_JSON_REPORT || null,
  };
  if (faults.length > 0) throw new Error(faults.join('\n'));
  return Object.freeze(environment);
}

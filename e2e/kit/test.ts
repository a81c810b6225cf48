import type { MintedOverride } from '@banyan/openapi/generated/admin';
import type { Booking } from '@banyan/openapi/generated/legacy';
import { type APIRequestContext, type BrowserContextOptions, test as base, request } from '@playwright/test';
import { startTcpProxy, type TcpProxy } from '../contract/tcp-proxy.ts';
import { createSite, type Site } from '../pages/site.ts';
import { type Accounts, accountsOf, type Visitor } from './accounts.ts';
import { createApi, type MeridianApi } from './api.ts';
import { type Database, openDatabase } from './database.ts';
import { type Environment, readEnvironment } from './environment.ts';
import { newFlight, type OwnFlight } from './flights.ts';
import { type Movement, movementsOf } from './ledger.ts';
import { mintOverride, type Sides } from './override.ts';
import { createProofs, type Proofs } from './proofs.ts';

type StorageState = Awaited<ReturnType<APIRequestContext['storageState']>>;

const NO_SESSION: StorageState = { cookies: [], origins: [] };

type WorkerFixtures = {
  environment: Environment;
  /** The accounts that are this worker's. */
  accounts: Accounts;
  database: Database;
  /** Where bookings are written. */
  bookings: Database;
  /** A browser's memory after a log-in as somebody; each is logged in once a worker. */
  sessionOf: (visitor: Visitor) => Promise<StorageState>;
};

type TestFixtures = {
  /** Who sits before the browser: `test.use({ visitor: 'agent' })`. */
  visitor: Visitor;
  /**
   * Pins all that the browser and `api` ask for: `test.use({ sides: { billing: 'service' } })`. Undefined: nothing is
   * pinned, and no answer carries proof.
   */
  sides: Sides | undefined;
  /** What pins this test, minted for it; null where it is not pinned. */
  override: MintedOverride | null;
  /** Who answered. */
  proofs: Proofs;
  site: Site;
  /** The JSON API, called with the session of the browser. */
  api: MeridianApi;
  flight: OwnFlight;
  /** A booking of the visitor's on that flight, held and not paid yet. */
  booking: Booking;
  /** One more browser on the same site. */
  openSite: (visitor: Visitor, options?: BrowserContextOptions) => Promise<Site>;
  /** One more browser, whose line to the site can be cut. */
  openThroughLine: (visitor: Visitor) => Promise<{ site: Site; line: TcpProxy }>;
  /** Charges and refunds of an invoice in the acquirer's books. */
  ledgerOf: (invoiceNumber: string) => Promise<Movement[]>;
};

// biome-ignore-start lint/correctness/noEmptyPattern: Playwright reads from the pattern what a fixture needs
export const test = base.extend<TestFixtures, WorkerFixtures>({
  environment: [({}, use) => use(readEnvironment(process.env)), { scope: 'worker' }],
  accounts: [
    ({}, use, { project, parallelIndex }) => use(accountsOf(project.name, parallelIndex)),
    { scope: 'worker' },
  ],
  database: [
    async ({ environment }, use) => {
      const database = openDatabase(environment.databaseUrl);
      await use(database);
      await database.close();
    },
    { scope: 'worker' },
  ],
  bookings: [
    async ({ environment }, use) => {
      const bookings = openDatabase(environment.bookingDatabaseUrl);
      await use(bookings);
      await bookings.close();
    },
    { scope: 'worker' },
  ],
  sessionOf: [
    async ({ accounts }, use, { project }) => {
      const sessions = new Map<Visitor, Promise<StorageState>>();
      const logIn = async (visitor: Visitor): Promise<StorageState> => {
        if (visitor === 'nobody') return NO_SESSION;
        const { email, password } = accounts[visitor];
        // Said, or the memory of the browser of the running test would be used, and its session replaced.
        const storageState = NO_SESSION;
        const context = await request.newContext({ baseURL: project.use.baseURL as string, storageState });
        try {
          await createApi(context).createSession({ email, password });
          return await context.storageState();
        } finally {
          await context.dispose();
        }
      };
      await use((visitor) => {
        const session = sessions.get(visitor) ?? logIn(visitor);
        sessions.set(visitor, session);
        return session;
      });
    },
    { scope: 'worker' },
  ],

  visitor: ['customer', { option: true }],
  sides: [undefined, { option: true }],
  override: async ({ environment, sides }, use, { title }) =>
    use(sides === undefined ? null : await mintOverride(environment, { sides, reason: title.slice(0, 200) })),
  proofs: ({}, use) => use(createProofs()),
  context: async ({ context, override, proofs, baseURL }, use) => {
    if (override !== null) {
      proofs.watch(context);
      await context.addCookies([{ ...override.cookie, url: baseURL as string }]);
    }
    await use(context);
  },
  storageState: async ({ sessionOf, visitor }, use) => use(await sessionOf(visitor)),
  site: ({ page }, use) => use(createSite(page)),
  api: ({ page, proofs }, use) => use(createApi(proofs.watched(page.request))),
  flight: async ({ database }, use) => use(await newFlight(database)),
  booking: async ({ api, flight }, use) => use(await api.createBooking(flight)),
  openSite: async ({ browser, sessionOf }, use) => {
    const opened: Site[] = [];
    await use(async (visitor, options = {}) => {
      const context = await browser.newContext({ storageState: await sessionOf(visitor), ...options });
      const site = createSite(await context.newPage());
      opened.push(site);
      return site;
    });
    for (const { page } of opened) await page.context().close();
  },
  openThroughLine: async ({ openSite, baseURL }, use) => {
    const lines: TcpProxy[] = [];
    await use(async (visitor) => {
      const { hostname, port } = new URL(baseURL as string);
      const line = await startTcpProxy({ host: hostname, port: Number(port) });
      lines.push(line);
      const site = await openSite(visitor, { baseURL: `http://127.0.0.1:${line.port}` });
      return { site, line };
    });
    for (const line of lines) await line.cut();
  },
  ledgerOf: ({ environment, request: http }, use) =>
    use((invoiceNumber) => movementsOf(http, environment.acquirerUrl, invoiceNumber)),
});
// biome-ignore-end lint/correctness/noEmptyPattern: as above

export { expect } from '@playwright/test';

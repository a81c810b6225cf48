import type { Booking, Invoice } from '@banyan/openapi/generated/legacy';
import { type APIRequestContext, type APIResponse, request } from '@playwright/test';
import type { Visitor } from '../kit/accounts.ts';
import { createApi } from '../kit/api.ts';
import { newFlight } from '../kit/flights.ts';
import { mintOverride, type Sides } from '../kit/override.ts';
import { test as base } from '../kit/test.ts';

/** A paid booking of the worker's customer, which nobody changes. */
export type Trip = { readonly booking: Booking; readonly invoice: Invoice };

type WorkerFixtures = { trip: Trip };

type TestFixtures = {
  /** A client with somebody's session and, if it is said, an override in its header. */
  clientOf: (visitor: Visitor, token?: string) => Promise<APIRequestContext>;
  /** The same at the monolith itself. */
  directClientOf: (visitor: Visitor) => Promise<APIRequestContext>;
  /** A new override, as it goes into the header. */
  tokenFor: (sides: Sides, more?: { account?: string; expiresInSeconds?: number }) => Promise<string>;
};

// biome-ignore-start lint/correctness/noEmptyPattern: Playwright reads from the pattern what a fixture needs
export const test = base.extend<TestFixtures, WorkerFixtures>({
  trip: [
    async ({ sessionOf, database, environment }, use) => {
      const http = await request.newContext({
        baseURL: environment.gatewayUrl,
        storageState: await sessionOf('customer'),
      });
      await use(await createApi(http).createPaidBooking(await newFlight(database)));
      await http.dispose();
    },
    { scope: 'worker' },
  ],
  clientOf: async ({ sessionOf, environment }, use) => {
    const clients: APIRequestContext[] = [];
    await use(async (visitor, token) => {
      const client = await request.newContext({
        baseURL: environment.gatewayUrl,
        storageState: await sessionOf(visitor),
        ...(token === undefined ? {} : { extraHTTPHeaders: { 'X-Banyan-Override': token } }),
      });
      clients.push(client);
      return client;
    });
    for (const client of clients) await client.dispose();
  },
  directClientOf: async ({ sessionOf, environment }, use) => {
    const clients: APIRequestContext[] = [];
    await use(async (visitor) => {
      const client = await request.newContext({
        baseURL: environment.monolithUrl,
        storageState: await sessionOf(visitor),
      });
      clients.push(client);
      return client;
    });
    for (const client of clients) await client.dispose();
  },
  tokenFor: ({ environment }, use) =>
    use(async (sides, more = {}) => (await mintOverride(environment, { sides, ...more })).token),
});
// biome-ignore-end lint/correctness/noEmptyPattern: as above

/** Of a connection, of a moment, or the proof itself. */
const NOT_COMPARED = /^(connection|keep-alive|date|x-banyan-.*)$/i;

/** What two answers must have in common, in a form that shows well where they differ. */
export async function shownBy(response: APIResponse): Promise<object> {
  return {
    status: response.status(),
    headers: response
      .headersArray()
      .filter(({ name }) => !NOT_COMPARED.test(name))
      // A session is prolonged with every answer.
      .map(({ name, value }) => `${name}: ${value.replace(/Expires=[^;]+/, 'Expires=…')}`),
    body: (await response.body()).toString('latin1'),
  };
}

export { expect } from '../kit/test.ts';

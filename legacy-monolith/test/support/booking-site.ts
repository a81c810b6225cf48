import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { createAcquirer } from '@banyan/stack/acquirer/acquirer';
import { openFlight } from './bookings.ts';
import { type Browser, logInBrowser } from './browser.ts';
import { startMonolith } from './monolith.ts';

export const CONTACT = { contact_email: 'ada@example.com' };
export const ADA = { passenger_1_first_name: 'Ada', passenger_1_last_name: 'Lovelace' };

/** The site with an acquirer, a flight that takes bookings, and Alice logged in. */
export async function startSite(t: TestContext) {
  const acquirer = await createAcquirer({ port: 0 });
  t.after(() => acquirer.stop());
  const site = await startMonolith(t, { env: { ACQUIRER_URL: acquirer.url } });
  const flight = await openFlight(site);
  const alice = await logInBrowser(site.port, 'alice@example.com');
  return { site, acquirer, flight, alice, bookPath: `/flights/${flight.id}/book` };
}

/** Books one seatless passenger and gives the path of the booking. */
export async function book(
  browser: Browser,
  bookPath: string,
  more: Record<string, string> = {},
): Promise<string> {
  const page = await browser.fillIn(bookPath, { ...ADA, ...CONTACT, ...more });
  assert.equal(page.status, 303, page.text);
  return (page.location as string).replace(/\/pay$/, '');
}

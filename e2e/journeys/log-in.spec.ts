import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from '../kit/test.ts';

test.describe('a visitor who is not logged in', () => {
  test.use({ visitor: 'nobody' });

  test('logs in and out again', async ({ site, accounts }) => {
    await site.logIn.open();
    await site.logIn.logIn(accounts.customer);
    await expect(site.page).toHaveURL('/bookings');
    await expect(site.frame.visitor).toBeVisible();

    await site.frame.logOut();
    await expect(site.page).toHaveURL('/');
    await expect(site.frame.logInLink).toBeVisible();
    await site.bookings.open();
    await expect(site.page).toHaveURL('/login?next=%2Fbookings');
  });

  test('is told that the password is wrong, and need not type the e-mail again', async ({
    site,
    accounts,
  }) => {
    await site.logIn.open();
    await site.logIn.logIn({ ...accounts.customer, password: 'not-the-password' });
    await expect(site.frame.message).toHaveText('E-mail or password is wrong.');
    await expect(site.logIn.named('email')).toHaveValue(accounts.customer.email);
    await expect(site.logIn.named('password')).toHaveValue('');

    await site.logIn.logIn(accounts.customer);
    await expect(site.page).toHaveURL('/bookings');
  });

  test('is led to log in by a page that asks for it, and back to that page', async ({
    site,
    accounts,
    flight,
  }) => {
    await site.book.open(flight, { fareClass: 'FLEX' });
    await expect(site.frame.notice).toHaveText('Please log in to go on.');
    await site.logIn.logIn(accounts.customer);
    await expect(site.page).toHaveURL(new RegExp(`/flights/${flight.id}/book\\?fare_class=FLEX`));
    await expect(site.book.holdButton).toBeVisible();
  });
});

test.describe('a visitor whose session ends', () => {
  test.use({ visitor: 'nobody' });

  test.beforeEach(async ({ site, accounts }) => {
    await site.logIn.open();
    await site.logIn.logIn(accounts.customer);
    await expect(site.page).toHaveURL('/bookings');
  });

  test('logs in again and is where the link led to', async ({ site, accounts, database }) => {
    await endSession(site.page.context(), database);
    await site.frame.navigation.getByRole('link', { name: 'Profile' }).click();
    await expect(site.page).toHaveURL('/login?next=%2Fprofile');
    await site.logIn.logIn(accounts.customer);
    await expect(site.page).toHaveURL('/profile');
    await expect(site.frame.heading).toHaveText('Profile');
  });

  test('is led to log in by a form, which books nothing, and finds there again what was typed', async ({
    site,
    accounts,
    database,
    flight,
    api,
  }) => {
    await site.book.open(flight);
    await site.book.fillPassenger(1, { first_name: 'Ada', last_name: 'Lovelace', seat: '12A' });
    await endSession(site.page.context(), database);
    await site.book.hold();
    await expect(site.frame.notice).toHaveText('Please log in to go on. What you typed is kept.');
    await site.logIn.logIn(accounts.customer);
    await expect(site.page).toHaveURL(new RegExp(`/flights/${flight.id}/book`));
    await expect(site.book.named('passenger_1_last_name')).toHaveValue('Lovelace');
    await expect(site.book.named('passenger_1_seat')).toHaveValue('12A');
    expect(await api.listBookings({ flight_id: String(flight.id) })).toEqual([]);
    await site.book.hold();
    await expect(site.page).toHaveURL(site.pay.path);
  });
});

/** Who is calling may be known for so long without asking the monolith again. */
const KNOWN_MS = 5_000;

/** As thirty minutes without a request would. */
async function endSession(
  context: { cookies(): Promise<{ name: string; value: string }[]> },
  database: { row(text: string, values: unknown[]): Promise<unknown> },
): Promise<void> {
  const cookie = (await context.cookies()).find(({ name }) => name === 'MERIDIANSESSID');
  const [, id] = /^s:([^.]+)\./.exec(decodeURIComponent(cookie?.value ?? '')) ?? [];
  // An answer that is still on its way would prolong one that is there.
  await database.row('DELETE FROM session WHERE sid = $1 RETURNING sid', [id]);
  // Nobody expects an end that comes before its time; thirty minutes are longer.
  await pause(KNOWN_MS);
}

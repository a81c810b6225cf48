import { TOTALS } from '../kit/flights.ts';
import { expect, test } from '../kit/test.ts';

test.use({ visitor: 'nobody' });

test('anybody searches a flight and sees what each fare costs', async ({ site, flight }) => {
  await site.search.open();
  await site.search.search(flight);
  await expect(site.frame.heading).toHaveText('London to New York');
  await expect(site.search.flight(flight.number)).toContainText('10:00');
  for (const [fareClass, total] of Object.entries(TOTALS)) {
    await expect(site.search.fare(flight.number, fareClass)).toContainText(total);
  }
});

test('a party is priced as a whole, and keeps its size on the way to the seats', async ({ site, flight }) => {
  await site.search.open();
  await site.search.search({ ...flight, adults: 2, infants: 1 });
  // Two adults at 412.50 and an infant at a tenth, and 12 % of tax.
  await expect(site.search.fare(flight.number, 'Classic')).toContainText('€970.20');
  await expect(site.search.fare(flight.number, 'Classic')).toHaveAttribute('href', /adults=2&infants=1/);
});

test('codes may be typed as one likes', async ({ site, flight }) => {
  await site.search.open();
  await site.search.search({ ...flight, from: 'lhr', to: 'jfk' });
  await expect(site.search.flight(flight.number)).toBeVisible();
});

test('what is no airport is said beside its field, and everything typed stays', async ({ site, flight }) => {
  await site.search.open();
  await site.search.search({ ...flight, from: 'L1' });
  await expect(site.search.faultOf('from')).toHaveText('Must be an airport code of three letters.');
  await expect(site.search.named('from')).toHaveValue('L1');
  await expect(site.search.named('to')).toHaveValue(flight.to);
  await expect(site.search.named('date')).toHaveValue(flight.date);
  await expect(site.search.faultOf('to')).toBeEmpty();
});

test('a day without flights says so, and the day after has some', async ({ site, flight }) => {
  const dayBefore = new Date(Date.parse(`${flight.date}T00:00:00Z`) - 86_400_000).toISOString().slice(0, 10);
  await site.search.openResults({ from: flight.to, to: flight.from, date: dayBefore });
  await expect(site.search.nothingFound).toBeVisible();
  await site.search.openResults({ ...flight, date: dayBefore });
  await site.search.dayAfter.click();
  await expect(site.search.flight(flight.number)).toBeVisible();
});

test('a path that nobody knows is answered by a page of the site', async ({ site }) => {
  const response = await site.page.goto('/no/such/page');
  expect(response?.status()).toBe(404);
  await expect(site.frame.heading).toHaveText('We do not fly there');
});

import { expect, test } from '../kit/test.ts';

test.use({ visitor: 'nobody' });
/** The whole contract at once is much for a busy machine. */
const RENDERED_WITHIN_MS = 60_000;

test('the contract is a page on the admin port, made of nothing but its own files', async ({
  page,
  environment,
}) => {
  const elsewhere: string[] = [];
  const complaints: string[] = [];
  // An offline machine: whatever is not the admin port cannot be had.
  await page.route(
    (url) => url.origin !== environment.adminUrl && url.protocol.startsWith('http'),
    (route) => {
      elsewhere.push(route.request().url());
      return route.abort();
    },
  );
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));

  await page.goto(`${environment.adminUrl}/reference`);
  await expect(page.getByRole('heading', { name: 'Meridian Air' }).first()).toBeVisible({
    timeout: RENDERED_WITHIN_MS,
  });
  const operation = page.locator('.opblock').filter({ hasText: 'createBooking' }).first();
  await operation.getByRole('button').first().click();
  await expect(operation.getByText('BKG-409').first()).toBeVisible();
  expect(elsewhere).toEqual([]);
  expect(complaints).toEqual([]);
});

import type { Locator, Page } from '@playwright/test';
import { createFields } from './fields.ts';

/** `/bookings`. */
export function createBookingsPage(page: Page) {
  const fields = createFields(page.getByRole('form', { name: 'Filter' }));
  return {
    ...fields,
    open: (query = '') => page.goto(`/bookings${query}`),
    booking: (reference: string): Locator => page.locator('a.trip').filter({ hasText: reference }),
    all: page.locator('a.trip'),
    async filter(values: { status?: string; account_id?: string; flight_id?: string }): Promise<void> {
      const { status, ...rest } = values;
      if (status !== undefined) await fields.named('status').selectOption(status);
      await fields.fill(rest);
      await page.getByRole('button', { name: 'Show' }).click();
    },
    exportLink: page.getByRole('link', { name: 'Download CSV' }),
  };
}

import type { Page } from '@playwright/test';
import { createFields } from './fields.ts';
import { createSeatMap } from './seat-map.ts';

/** `/bookings/{id}/change`. Passengers' fields bear their ids. */
export function createChangePage(page: Page) {
  const form = page.locator('form[data-kind="change"]');
  return {
    ...createFields(form),
    seatMap: createSeatMap(page),
    open: (booking: { id: number }) => page.goto(`/bookings/${booking.id}/change`),
    save: () => form.getByRole('button', { name: 'Save changes' }).click(),
  };
}

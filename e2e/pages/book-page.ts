import type { Locator, Page } from '@playwright/test';
import { createFields } from './fields.ts';
import { createSeatMap } from './seat-map.ts';

export type PassengerInput = {
  first_name?: string;
  last_name?: string;
  seat?: string;
  frequent_flyer_no?: string;
};

/** `/flights/{id}/book`. */
export function createBookPage(page: Page) {
  const form = page.locator('form[data-book]');
  const fields = createFields(form);
  return {
    ...fields,
    seatMap: createSeatMap(page),
    open: (flight: { id: number }, { fareClass = 'CLASSIC', adults = 1, infants = 0 } = {}) =>
      page.goto(`/flights/${flight.id}/book?fare_class=${fareClass}&adults=${adults}&infants=${infants}`),
    passenger: (number: number): Locator => form.getByRole('group', { name: `Passenger ${number}` }),
    async fillPassenger(number: number, input: PassengerInput): Promise<void> {
      const named = Object.entries(input).map(([part, value]) => [`passenger_${number}_${part}`, value]);
      await fields.fill(Object.fromEntries(named));
    },
    total: form.locator('dd.total'),
    holdButton: form.getByRole('button', { name: 'Hold these seats' }),
    hold: () => form.getByRole('button', { name: 'Hold these seats' }).click(),
  };
}

import type { Locator, Page } from '@playwright/test';
import { loaded } from './loaded.ts';

export type SeatState = 'free' | 'taken' | 'mine' | 'other';

/** The map of the cabin, on the pages that book and change. */
export function createSeatMap(page: Page) {
  const map = page.locator('[data-seat-map]');
  return {
    seat: (name: string): Locator => map.locator(`[data-seat="${name}"]`),
    /** A seat in a state; `other` is another browser's pick. */
    seatAs: (name: string, state: SeatState): Locator =>
      map.locator(`[data-seat="${name}"][data-state="${state}"]`),
    async pick(name: string): Promise<void> {
      const seat = map.locator(`[data-seat="${name}"]`);
      await loaded(seat);
      await seat.click();
    },
    /** The connection that shows what others pick. */
    live: map.locator('.live'),
    chosen: page.locator('[data-chosen-seats]'),
    /** For whom the next click on the map chooses. */
    travellers: map.getByRole('group', { name: 'Choose a seat for' }).getByRole('button'),
  };
}

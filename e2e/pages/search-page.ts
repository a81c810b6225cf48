import type { Locator, Page } from '@playwright/test';
import { createFields } from './fields.ts';

export type Search = { from: string; to: string; date: string; adults?: number; infants?: number };

/** `/` and `/flights`: the search, and what it found. */
export function createSearchPage(page: Page) {
  const fields = createFields(page.locator('form.search-form'));
  const flight = (number: string): Locator => page.getByRole('article', { name: `Flight ${number}` });
  const fare = (number: string, fareClass: string): Locator =>
    flight(number).getByRole('link', { name: new RegExp(`^${fareClass}`, 'i') });
  const open = () => page.goto('/');
  const search = async ({ from, to, date, adults, infants }: Search): Promise<void> => {
    await fields.fill({ from, to, date });
    if (adults !== undefined) await fields.named('adults').selectOption(String(adults));
    if (infants !== undefined) await fields.named('infants').selectOption(String(infants));
    await page.getByRole('button', { name: 'Search' }).click();
  };
  return {
    ...fields,
    open,
    openResults: ({ from, to, date }: Search) => page.goto(`/flights?from=${from}&to=${to}&date=${date}`),
    search,
    flight,
    fare,
    /** From the start page to the form that books the flight. */
    async choose(wanted: Search & { number: string }, fareClass: string): Promise<void> {
      await open();
      await search(wanted);
      await fare(wanted.number, fareClass).click();
    },
    dayAfter: page.getByRole('link', { name: 'Day after' }),
    nothingFound: page.getByRole('heading', { name: 'No flights on this day' }),
  };
}

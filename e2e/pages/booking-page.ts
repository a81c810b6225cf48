import type { Locator, Page } from '@playwright/test';
import { createStatusBoard } from './status-board.ts';

/** `/bookings/{id}`: the booking as a boarding pass. */
export function createBookingPage(page: Page) {
  const pass = page.locator('.pass');
  return {
    /** `/bookings/{id}`, with the id in group 1. */
    path: /\/bookings\/(\d+)$/,
    open: (booking: { id: number }) => page.goto(`/bookings/${booking.id}`),
    reference: pass.locator('.pass-reference'),
    status: pass.locator('.tag'),
    passenger: (name: string): Locator => pass.getByRole('listitem').filter({ hasText: name }),
    total: page.getByRole('region', { name: 'Price' }).locator('dd.total'),
    contact: page.getByRole('region', { name: 'Contact' }),
    payLink: page.getByRole('link', { name: /^Pay/ }),
    changeLink: page.getByRole('link', { name: 'Change', exact: true }),
    cancelLink: page.getByRole('link', { name: 'Cancel this booking' }),
    invoiceLink: page.getByRole('link', { name: 'Invoice', exact: true }),
    itineraryLink: page.getByRole('link', { name: 'Add to calendar' }),
    flightStatus: createStatusBoard(page),
  };
}

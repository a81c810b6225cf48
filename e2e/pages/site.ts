import type { Page } from '@playwright/test';
import { createBookPage } from './book-page.ts';
import { createBookingPage } from './booking-page.ts';
import { createBookingsPage } from './bookings-page.ts';
import { createCancelPage } from './cancel-page.ts';
import { createChangePage } from './change-page.ts';
import { createFlightStatusPage } from './flight-status-page.ts';
import { createFrame } from './frame.ts';
import { createInvoicePage } from './invoice-page.ts';
import { createInvoicesPage } from './invoices-page.ts';
import { createLogInPage } from './log-in-page.ts';
import { createPayPage } from './pay-page.ts';
import { createProfilePage } from './profile-page.ts';
import { createSearchPage } from './search-page.ts';

export type Site = ReturnType<typeof createSite>;

/** Meridian Air in one browser tab, page by page. */
export function createSite(page: Page) {
  return {
    page,
    frame: createFrame(page),
    search: createSearchPage(page),
    book: createBookPage(page),
    pay: createPayPage(page),
    booking: createBookingPage(page),
    bookings: createBookingsPage(page),
    change: createChangePage(page),
    cancel: createCancelPage(page),
    invoice: createInvoicePage(page),
    invoices: createInvoicesPage(page),
    logIn: createLogInPage(page),
    profile: createProfilePage(page),
    flightStatus: createFlightStatusPage(page),
  };
}

import { fileURLToPath } from 'node:url';
import ejs, { type Options } from 'ejs';
import type { Express } from 'express';
import type { BookPage } from './view-models/book-page.ts';
import type { BookingPage, BookingsPage, CancelPage, ChangePage } from './view-models/booking-pages.ts';
import type { FlightsPage, HomePage, StatusPage, TimetablePage } from './view-models/flight-pages.ts';
import type { InvoicePage, InvoicesPage, StatementPage } from './view-models/invoice-pages.ts';
import type { PayPage } from './view-models/pay-page.ts';
import type { LogInPage, ProfilePage } from './view-models/visitor-pages.ts';

const VIEWS = fileURLToPath(new URL('../../views', import.meta.url));

/** Every view, and what it is shown with. */
export type ViewModels = {
  home: HomePage;
  flights: FlightsPage;
  timetable: TimetablePage;
  status: StatusPage;
  book: BookPage;
  pay: PayPage;
  bookings: BookingsPage;
  booking: BookingPage;
  change: ChangePage;
  cancel: CancelPage;
  invoices: InvoicesPage;
  invoice: InvoicePage;
  statement: StatementPage;
  'log-in': LogInPage;
  profile: ProfilePage;
  partners: { wsdlPath: string };
  fault: FaultPage;
};

export type ViewName = keyof ViewModels;

export type FaultPage = { status: number; heading: string; text: string; errorId: string | null };

/**
 * EJS in strict mode: a template sees `frame` (what surrounds every page) and `model` (its own view model) and
 * nothing else, so that no field of a request can become a template option. Included parts name theirs alike.
 */
const OPTIONS = {
  strict: true,
  destructuredLocals: ['frame', 'model'],
  root: VIEWS,
  cache: true,
} satisfies Options;

export function useViews(app: Express): void {
  app.set('views', `${VIEWS}/pages`);
  app.set('view engine', 'ejs');
  app.engine('ejs', (path, locals, done) => {
    const { frame, model } = locals as { frame?: unknown; model?: unknown };
    ejs.renderFile(path, { frame, model }, OPTIONS, done);
  });
}

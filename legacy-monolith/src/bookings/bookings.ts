import type { Caller } from '../auth/caller.ts';
import type { Page } from '../http/paging.ts';
import { Refusal } from '../http/refusal.ts';
import type { BookingRow } from './booking.ts';
import type { BookingChange } from './booking-change.ts';
import type { BookingFilter } from './list-filter.ts';
import type { NewBooking } from './new-booking.ts';

/** Bookings as one caller may see and write them, wherever they are. Refuses as the API does. */
export type Bookings = {
  /** The booking of an id as it stands in a path, or the 404. */
  visible(id: unknown): Promise<BookingRow>;
  /** One page, newest first, and how many there are in all. */
  list(filter: BookingFilter, page: Page): Promise<{ total: number; rows: BookingRow[] }>;
  /** Gives the booking's id; a form of this site makes one booking, however often it is sent. */
  create(wanted: NewBooking, formId: string | null): Promise<string>;
  /** Throws `outdated` unless the booking is at this version. */
  update(row: BookingRow, change: BookingChange, version: number): Promise<void>;
  /** As `update`. */
  cancel(row: BookingRow, version: number): Promise<void>;
};

export type BookingsOf = (caller: Caller) => Bookings;

/** What `If-Match` is to the API, in words for a page. */
export function outdated(): Refusal {
  return new Refusal(
    'precondition_failed',
    'Somebody changed this booking meanwhile. Please open the page again to see how it stands now.',
  );
}

import type { Pool } from 'pg';
import type { BookingEventsNow } from './booking-events.ts';
import { listBookings, visibleBooking } from './booking-queries.ts';
import { type BookingsOf, outdated } from './bookings.ts';
import { cancelBooking } from './cancel-booking.ts';
import { createBooking } from './create-booking.ts';
import { updateBooking } from './update-booking.ts';

/** Bookings that are in this database. */
export function createLocalBookings({
  pool,
  clock,
  events,
}: {
  pool: Pool;
  clock: () => Date;
  events: BookingEventsNow;
}): BookingsOf {
  return ({ identity }) => ({
    visible: (id) => visibleBooking(pool, identity, id),
    list: (filter, page) => listBookings(pool, filter, page),
    create(wanted, formId) {
      const sentAs = formId === null ? null : { id: formId, accountId: identity.accountId };
      return createBooking(pool, wanted, wanted.accountId ?? identity.accountId, clock, events, sentAs);
    },
    update: ({ id }, change, version) =>
      updateBooking(pool, id, change, refuseUnless(version), clock, events),
    cancel: ({ id }, version) => cancelBooking(pool, id, refuseUnless(version), clock, events),
  });
}

function refuseUnless(shown: number): (version: number) => void {
  return (version) => {
    if (version !== shown) throw outdated();
  };
}

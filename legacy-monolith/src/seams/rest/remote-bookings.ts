import type { Pool } from 'pg';
import type { BookingRow } from '../../bookings/booking.ts';
import { bookingETag } from '../../bookings/booking.ts';
import type { BookingChange } from '../../bookings/booking-change.ts';
import {
  type BookingForm,
  bookingOfForm,
  FORM_ID_HEADER,
  refuseUnlessSame,
  rememberBooking,
} from '../../bookings/booking-form.ts';
import { noSuchBooking } from '../../bookings/booking-queries.ts';
import { type Bookings, type BookingsOf, outdated } from '../../bookings/bookings.ts';
import type { NewBooking } from '../../bookings/new-booking.ts';
import type { Filters, Page } from '../../http/paging.ts';
import { parseId } from '../../http/query.ts';
import { Refusal } from '../../http/refusal.ts';
import type { RestClient } from './rest-client.ts';

/** Bookings that are elsewhere, by the contract's own operations. */
export function createRemoteBookings({
  ask,
  pool,
  clock,
}: {
  ask: RestClient;
  pool: Pool;
  clock: () => Date;
}): BookingsOf {
  return ({ identity, credentials }) => {
    const bookings: Bookings = {
      async visible(id) {
        const known = parseId(id);
        if (known === null) throw noSuchBooking();
        return bookingOf((await ask(credentials, { path: `/bookings/${known}` })).body);
      },
      async list(filter, page) {
        const { headers, body } = await ask(credentials, {
          path: `/bookings?${listQuery(filter.filters, page)}`,
        });
        return { total: Number(headers.get('X-Total-Count')), rows: body.map(bookingOf) };
      },
      async create(wanted, formId) {
        const form: BookingForm | null =
          formId === null ? null : { id: formId, accountId: identity.accountId, flightId: wanted.flightId };
        // Also one that was made here, before bookings went away.
        const made = form === null ? null : await bookingOfForm(pool, form);
        if (made !== null) {
          refuseUnlessSame(made, (await bookings.visible(made)).passengers, wanted.passengers);
          return made;
        }
        const { body } = await ask(credentials, {
          method: 'POST',
          path: '/bookings',
          json: newBookingFields(wanted),
          headers: formId === null ? {} : { [FORM_ID_HEADER]: formId },
        });
        const id = String(body.id);
        if (form !== null) await rememberBooking(pool, form, id, clock());
        return id;
      },
      async update({ id }, change, version) {
        const json = changeFields(change);
        await onVersion(version, id, (headers) =>
          ask(credentials, { method: 'PATCH', path: `/bookings/${id}`, json, headers }),
        );
      },
      async cancel({ id }, version) {
        await onVersion(version, id, (headers) =>
          ask(credentials, { method: 'DELETE', path: `/bookings/${id}`, headers }),
        );
      },
    };
    return bookings;
  };
}

/** The refusal of another version, in a page's words. */
async function onVersion(
  version: number,
  id: string,
  send: (headers: Record<string, string>) => Promise<unknown>,
): Promise<void> {
  try {
    await send({ 'If-Match': bookingETag({ id, version }) });
  } catch (error) {
    if (error instanceof Refusal && error.kind === 'precondition_failed') throw outdated();
    throw error;
  }
}

export function listQuery(filters: Filters, page: Page): URLSearchParams {
  return new URLSearchParams([
    ...filters.map(([name, value]) => [name, value]),
    ['page', String(page.page)],
    ['per_page', String(page.perPage)],
  ]);
}

/** A booking of the contract has all that a row has, under the same names. */
// biome-ignore lint/suspicious/noExplicitAny: as the contract describes it
function bookingOf({ reference: _, invoice_number: __, ...rest }: any): BookingRow {
  return { ...rest, id: String(rest.id), account_id: String(rest.account_id) };
}

function newBookingFields(wanted: NewBooking): object {
  return {
    flight_id: wanted.flightId,
    fare_class: wanted.fareClass,
    passengers: wanted.passengers.map((passenger) => ({
      title: passenger.title,
      first_name: passenger.firstName,
      last_name: passenger.lastName,
      seat: passenger.seat,
      infant: passenger.infant,
      special_assistance: passenger.specialAssistance,
      frequent_flyer_no: passenger.frequentFlyerNo,
    })),
    contact_email: wanted.contactEmail,
    contact_phone: wanted.contactPhone,
    note: wanted.note,
    ...(wanted.accountId === null ? {} : { account_id: wanted.accountId }),
  };
}

/** Only what the change names; what it clears is null. JSON leaves out what is undefined. */
function changeFields(change: BookingChange): object {
  return {
    contact_email: change.contactEmail,
    contact_phone: change.contactPhone,
    note: change.note,
    passengers: change.passengers.map(({ id, seat, specialAssistance, frequentFlyerNo }) => ({
      id,
      seat,
      special_assistance: specialAssistance,
      frequent_flyer_no: frequentFlyerNo,
    })),
  };
}

import type { ListBookingsRequest } from '@banyan/contracts/booking/v1/booking';
import { type Filters, type Page, skipOf } from '@meridian/habits/paging';
import { parseId, type QueryValue } from '@meridian/habits/query';
import { endOfDay, parseDay, startOfDay } from '@meridian/habits/values';
import { BOOKING_STATUSES } from './booking.ts';

export type BookingFilter = { readonly filters: Filters; readonly request: ListBookingsRequest };

/** listBookings' filters. One that makes no sense is ignored, and so is `account_id` but from an agent. */
export function parseBookingFilter(query: QueryValue, role: string, page: Page): BookingFilter {
  const filters: (readonly [string, string])[] = [];
  const filter = <Value extends string | bigint>(
    name: string,
    parse: (text: string) => Value | null | undefined,
  ): Value | undefined => {
    const text = query(name);
    const value = text === undefined ? undefined : (parse(text) ?? undefined);
    if (value !== undefined) filters.push([name, value.toString()]);
    return value;
  };
  const status = filter('status', (text) => BOOKING_STATUSES.find((each) => each === text));
  const flightId = filter('flight_id', parseId);
  const accountId = role === 'agent' ? filter('account_id', parseId) : undefined;
  const from = filter('created_from', parseDay);
  const to = filter('created_to', parseDay);
  return {
    filters,
    request: {
      pageSize: page.perPage,
      pageToken: '',
      skip: skipOf(page),
      status: status === undefined ? 'BOOKING_STATUS_UNSPECIFIED' : `BOOKING_STATUS_${status}`,
      flightId,
      accountId,
      createdFrom: from === undefined ? undefined : startOfDay(from),
      createdBefore: to === undefined ? undefined : endOfDay(to),
    },
  };
}

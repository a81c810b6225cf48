import type {
  ExportBookingsRequest,
  ExportBookingsResponse,
  ExportedBooking,
} from '@banyan/contracts/booking/v1/booking';
import type { QueryValue } from '@meridian/habits/query';
import { currencyOf, decimalOf, endOfDay, parseDay, startOfDay, wallClock } from '@meridian/habits/values';
import { fareClassName, statusName } from './booking.ts';
import { fault } from './field-rules.ts';

/** exportBookings: by day of creation, both ends included; refuses with the first bad day. */
export function parseExport(query: QueryValue): ExportBookingsRequest {
  const from = dayOf(query, 'from');
  const to = dayOf(query, 'to');
  return {
    createdFrom: from === undefined ? undefined : startOfDay(from),
    createdBefore: to === undefined ? undefined : endOfDay(to),
  };
}

function dayOf(query: QueryValue, name: string): string | undefined {
  const text = query(name);
  if (text === undefined) return undefined;
  const day = parseDay(text);
  if (day === null) throw fault(name, 'must be a day, YYYY-MM-DD');
  return day;
}

const CELLS = {
  id: (booking) => booking.id.toString(),
  reference: (booking) => booking.reference,
  status: (booking) => statusName(booking.status),
  account_id: (booking) => booking.accountId.toString(),
  flight_number: (booking) => booking.flightNumber,
  from: (booking) => booking.origin,
  to: (booking) => booking.destination,
  departs_at: (booking) => wallClock(booking.departsAt),
  fare_class: (booking) => fareClassName(booking.fareClass),
  passengers: (booking) => booking.passengerCount.toString(),
  total_amount: (booking) => decimalOf(booking.total),
  currency: (booking) => currencyOf(booking.total),
  created_at: (booking) => wallClock(booking.createdAt),
} as const satisfies Record<string, (booking: ExportedBooking) => string>;

export const EXPORT_COLUMNS = Object.keys(CELLS);

export function toRow(booking: ExportedBooking): string[] {
  return Object.values(CELLS).map((cell) => cell(booking));
}

export async function* rowsOf(
  answers: AsyncIterable<ExportBookingsResponse>,
): AsyncGenerator<readonly ExportedBooking[]> {
  for await (const { bookings } of answers) yield bookings;
}

import type { Request } from 'express';
import type { Identity } from '../auth/guards.ts';
import { dayAfter, parseDay } from '../clock.ts';
import type { CsvExport } from '../http/csv.ts';
import { queryValue } from '../http/query.ts';
import { fault } from './field-rules.ts';
import { bookingReference } from './reference.ts';

const COLUMNS = [
  'id',
  'reference',
  'status',
  'account_id',
  'flight_number',
  'from',
  'to',
  'departs_at',
  'fare_class',
  'passengers',
  'total_amount',
  'currency',
  'created_at',
] as const;

/** exportBookings: by day of creation, both ends included; a partner's own. Throws the 422 of a bad day. */
export function bookingsExport(req: Request, identity: Identity): CsvExport {
  const from = dayOf(req, 'from');
  const to = dayOf(req, 'to');
  const conditions: string[] = [];
  const params: string[] = [];
  const condition = (sql: string, value: string): void => {
    params.push(value);
    conditions.push(`${sql} $${params.length}`);
  };
  if (identity.role !== 'agent') condition('b.account_id =', identity.accountId);
  if (from !== null) condition('b.created_at >=', from);
  if (to !== null) condition('b.created_at <', dayAfter(to));
  return {
    filename: 'bookings.csv',
    columns: COLUMNS,
    sql: `
      SELECT b.id, b.status, b.account_id, f.number AS flight_number, f.origin AS "from", f.destination AS "to",
             f.departs_at, b.fare_class, b.total_amount, b.currency, b.created_at,
             (SELECT count(*) FROM passengers p WHERE p.booking_id = b.id) AS passengers
      FROM bookings b JOIN flights f ON f.id = b.flight_id
      ${conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`}
      ORDER BY b.created_at, b.id`,
    params,
    toRow: (row) =>
      COLUMNS.map((column) => (column === 'reference' ? bookingReference(row.id as string) : row[column])),
  };
}

function dayOf(req: Request, name: string): string | null {
  const text = queryValue(req, name);
  if (text === undefined) return null;
  const day = parseDay(text);
  if (day === null) throw fault(name, 'must be a day, YYYY-MM-DD');
  return day;
}

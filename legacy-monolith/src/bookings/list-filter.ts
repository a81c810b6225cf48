import type { Request } from 'express';
import type { Identity } from '../auth/guards.ts';
import { dayAfter, parseDay } from '../clock.ts';
import type { Filters } from '../http/paging.ts';
import { parseId, queryValue } from '../http/query.ts';
import { BOOKING_STATUSES } from './booking.ts';

export type BookingFilter = {
  /** What took effect, in documented order. */
  filters: Filters;
  /** SQL conditions on `b`, with their values from $1 on. */
  where: string;
  values: readonly string[];
  /** What was asked for and makes no sense, by name. */
  ignored: readonly string[];
};

/** Reads listBookings' filters. One that makes no sense is ignored, and so is `account_id` but from an agent. */
export function parseBookingFilter(req: Request, identity: Identity): BookingFilter {
  const filters: (readonly [string, string])[] = [];
  const conditions: string[] = [];
  const values: string[] = [];
  const ignored: string[] = [];

  const condition = (sql: string, value: string): void => {
    values.push(value);
    conditions.push(`${sql} $${values.length}`);
  };
  const filter = (name: string, sql: string, parse: (text: string) => string | null | undefined): void => {
    const text = queryValue(req, name);
    const value = text === undefined ? null : parse(text);
    if (value === null || value === undefined) {
      if (text !== undefined) ignored.push(name);
      return;
    }
    filters.push([name, value]);
    condition(sql, name === 'created_to' ? dayAfter(value) : value);
  };

  const byAgent = identity.role === 'agent';
  if (!byAgent) condition('b.account_id =', identity.accountId);
  filter('status', 'b.status =', (text) => BOOKING_STATUSES.find((status) => status === text));
  filter('flight_id', 'b.flight_id =', parseId);
  if (byAgent) filter('account_id', 'b.account_id =', parseId);
  filter('created_from', 'b.created_at >=', parseDay);
  filter('created_to', 'b.created_at <', parseDay);
  return { filters, where: conditions.length === 0 ? 'true' : conditions.join(' AND '), values, ignored };
}

import type { Request } from 'express';
import type { Identity } from '../auth/guards.ts';
import { dayAfter, parseDay } from '../clock.ts';
import type { Filters } from '../http/paging.ts';
import { parseId, queryValue } from '../http/query.ts';
import { type Fault, invalidFields } from '../http/refusal.ts';
import { INVOICE_STATUSES } from './invoice.ts';

const BIGINT_MAX = 2n ** 63n - 1n;

export type InvoiceFilter = {
  /** As they appear in links. */
  filters: Filters;
  /** Of invoices `i`. */
  where: string;
  values: readonly string[];
};

/** The filters of listInvoices; throws the 422 with all that make no sense. */
export function parseInvoiceFilter(req: Request, identity: Identity): InvoiceFilter {
  const faults: Fault[] = [];
  const filters: (readonly [string, string])[] = [];
  const conditions: string[] = [];
  const values: string[] = [];
  const condition = (sql: string, value: string): void => {
    values.push(value);
    conditions.push(sql.replace('?', `$${values.length}`));
  };
  const filter = (name: string, msg: string, sql: string, parse: (text: string) => string | null): void => {
    const text = queryValue(req, name);
    if (text === undefined) return;
    const value = parse(text);
    if (value === null) {
      faults.push({ field: name, msg });
      return;
    }
    filters.push([name, text]);
    condition(sql, value);
  };

  const isAccountant = identity.role === 'accountant';
  if (!isAccountant) condition('i.account_id = ?', identity.accountId);
  filter('status', `Status must be one of ${INVOICE_STATUSES.join(', ')}.`, 'i.status = ?', (text) =>
    (INVOICE_STATUSES as readonly string[]).includes(text) ? text : null,
  );
  if (isAccountant) filter('account_id', 'Account must be an id.', 'i.account_id = ?', parseId);
  filter('booking_id', 'Booking must be an id.', 'i.booking_id = ?', parseId);
  filter('ledger_ref', 'Ledger reference must be an integer.', 'i.ledger_ref = ?', parseLedgerRef);
  filter('issued_from', 'issued_from must be a day, YYYY-MM-DD.', 'i.issued_at >= ?::timestamptz', startOf);
  filter('issued_to', 'issued_to must be a day, YYYY-MM-DD.', 'i.issued_at < ?::timestamptz', endOf);
  if (faults.length > 0) throw invalidFields(faults);
  return { filters, where: conditions.length === 0 ? 'true' : conditions.join(' AND '), values };
}

/** A text that the database compares as bigint: never a double, which would round it. */
function parseLedgerRef(text: string): string | null {
  if (!/^\d{1,19}$/.test(text)) return null;
  const value = BigInt(text);
  return value <= BIGINT_MAX ? value.toString() : null;
}

export function startOf(text: string): string | null {
  const day = parseDay(text);
  return day === null ? null : `${day}T00:00:00Z`;
}

export function endOf(text: string): string | null {
  const day = parseDay(text);
  return day === null ? null : `${dayAfter(day)}T00:00:00Z`;
}

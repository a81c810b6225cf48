import type { Request } from 'express';
import { invoiceNumber } from '../bookings/reference.ts';
import { isoInstant } from '../clock.ts';
import type { CsvExport } from '../http/csv.ts';
import { queryValue } from '../http/query.ts';
import { type Fault, invalidFields } from '../http/refusal.ts';
import { endOf, startOf } from './list-filter.ts';

const COLUMNS = [
  'id',
  'number',
  'booking_id',
  'account_id',
  'status',
  'currency',
  'net',
  'tax',
  'total',
  'paid',
  'refunded',
  'ledger_ref',
  'issued_at',
  'paid_at',
] as const;

/** exportInvoices: by day of issue, both ends included. Throws the 422 with all bad days. */
export function invoicesExport(req: Request): CsvExport {
  const faults: Fault[] = [];
  const conditions: string[] = [];
  const params: string[] = [];
  const bound = (name: string, sql: string, parse: (text: string) => string | null): void => {
    const text = queryValue(req, name);
    if (text === undefined) return;
    const value = parse(text);
    if (value === null) {
      faults.push({ field: name, msg: `${name} must be a day, YYYY-MM-DD.` });
      return;
    }
    params.push(value);
    conditions.push(`${sql} $${params.length}::timestamptz`);
  };
  bound('from', 'issued_at >=', startOf);
  bound('to', 'issued_at <', endOf);
  if (faults.length > 0) throw invalidFields(faults);
  return {
    filename: 'invoices.csv',
    columns: COLUMNS,
    sql: `
      SELECT id, booking_id, account_id, status, currency, net, tax, total, paid, refunded, ledger_ref,
             issued_at, paid_at
      FROM invoices
      ${conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`}
      ORDER BY issued_at, id`,
    params,
    toRow: (row) =>
      COLUMNS.map((column) => {
        if (column === 'number') return invoiceNumber(row.booking_id as string);
        const value = row[column];
        return value instanceof Date ? isoInstant(value) : value;
      }),
  };
}

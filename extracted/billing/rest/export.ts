import type {
  ExportedInvoice,
  ExportInvoicesRequest,
  ExportInvoicesResponse,
} from '@banyan/contracts/billing/v1/billing';
import type { QueryValue } from '@meridian/habits/query';
import type { Fault } from '@meridian/habits/refusal';
import { currencyOf, decimalOf, endOfDay, isoInstant, parseDay, startOfDay } from '@meridian/habits/values';
import { statusName } from './invoice.ts';
import { refuseAny } from './refusals.ts';

/** exportInvoices: by day of issue, both ends included; refuses with all bad days. */
export function parseExport(query: QueryValue): ExportInvoicesRequest {
  const faults: Fault[] = [];
  const day = (name: string): string | undefined => {
    const text = query(name);
    const value = text === undefined ? undefined : parseDay(text);
    if (value === null) faults.push({ field: name, msg: `${name} must be a day, YYYY-MM-DD.` });
    return value ?? undefined;
  };
  const from = day('from');
  const to = day('to');
  refuseAny(faults);
  return {
    issuedFrom: from === undefined ? undefined : startOfDay(from),
    issuedBefore: to === undefined ? undefined : endOfDay(to),
  };
}

const CELLS = {
  id: (invoice) => invoice.id.toString(),
  number: (invoice) => invoice.number,
  booking_id: (invoice) => invoice.bookingId.toString(),
  account_id: (invoice) => invoice.accountId.toString(),
  status: (invoice) => statusName(invoice.status),
  currency: (invoice) => currencyOf(invoice.total),
  net: (invoice) => decimalOf(invoice.net),
  tax: (invoice) => decimalOf(invoice.tax),
  total: (invoice) => decimalOf(invoice.total),
  paid: (invoice) => decimalOf(invoice.paid),
  refunded: (invoice) => decimalOf(invoice.refunded),
  ledger_ref: (invoice) => invoice.ledgerReference.toString(),
  issued_at: (invoice) => isoInstant(invoice.issuedAt),
  paid_at: (invoice) => (invoice.paidAt === undefined ? null : isoInstant(invoice.paidAt)),
} as const satisfies Record<string, (invoice: ExportedInvoice) => string | null>;

export const EXPORT_COLUMNS = Object.keys(CELLS);

export function toRow(invoice: ExportedInvoice): (string | null)[] {
  return Object.values(CELLS).map((cell) => cell(invoice));
}

export async function* rowsOf(
  answers: AsyncIterable<ExportInvoicesResponse>,
): AsyncGenerator<readonly ExportedInvoice[]> {
  for await (const { invoices } of answers) yield invoices;
}

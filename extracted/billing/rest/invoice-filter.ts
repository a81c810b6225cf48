import type { ListInvoicesRequest } from '@banyan/contracts/billing/v1/billing';
import { type Page, skipOf } from '@meridian/habits/paging';
import { parseId, type QueryValue } from '@meridian/habits/query';
import type { Fault } from '@meridian/habits/refusal';
import { endOfDay, parseDay, startOfDay } from '@meridian/habits/values';
import { INVOICE_STATUSES } from './invoice.ts';
import { refuseAny } from './refusals.ts';

const INT64_MAX = 2n ** 63n - 1n;

export type InvoiceFilter = {
  /** What took effect, as it appears in links. */
  readonly filters: readonly (readonly [string, string])[];
  readonly request: ListInvoicesRequest;
};

/** The filters of listInvoices; refuses with all that make no sense. */
export function parseInvoiceFilter(query: QueryValue, role: string, page: Page): InvoiceFilter {
  const faults: Fault[] = [];
  const filters: (readonly [string, string])[] = [];
  const filter = <Value>(
    name: string,
    msg: string,
    parse: (text: string) => Value | null,
  ): Value | undefined => {
    const text = query(name);
    if (text === undefined) return undefined;
    const value = parse(text);
    if (value === null) faults.push({ field: name, msg });
    else filters.push([name, text]);
    return value ?? undefined;
  };
  const status = filter('status', `Status must be one of ${INVOICE_STATUSES.join(', ')}.`, parseStatus);
  const accountId =
    role === 'accountant' ? filter('account_id', 'Account must be an id.', parseId) : undefined;
  const bookingId = filter('booking_id', 'Booking must be an id.', parseId);
  const ledgerReference = filter('ledger_ref', 'Ledger reference must be an integer.', parseLedgerRef);
  const from = filter('issued_from', 'issued_from must be a day, YYYY-MM-DD.', parseDay);
  const to = filter('issued_to', 'issued_to must be a day, YYYY-MM-DD.', parseDay);
  refuseAny(faults);
  return {
    filters,
    request: {
      pageSize: page.perPage,
      pageToken: '',
      skip: skipOf(page),
      status: status ?? 'INVOICE_STATUS_UNSPECIFIED',
      accountId,
      bookingId,
      ledgerReference,
      issuedFrom: from === undefined ? undefined : startOfDay(from),
      issuedBefore: to === undefined ? undefined : endOfDay(to),
    },
  };
}

function parseStatus(text: string): ListInvoicesRequest['status'] | null {
  const status = INVOICE_STATUSES.find((each) => each === text);
  return status === undefined ? null : `INVOICE_STATUS_${status}`;
}

/** Never a double, which would round it. */
function parseLedgerRef(text: string): bigint | null {
  if (!/^\d{1,19}$/.test(text)) return null;
  const value = BigInt(text);
  return value <= INT64_MAX ? value : null;
}

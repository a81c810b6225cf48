import type { Pool } from 'pg';
import { type Identity, isOwn } from '../auth/guards.ts';
import { offsetOf, type Page } from '../http/paging.ts';
import { parseId } from '../http/query.ts';
import { Refusal } from '../http/refusal.ts';
import { type InvoiceRow, SELECT_INVOICES } from './invoice.ts';
import type { InvoiceFilter } from './list-filter.ts';

/** The invoice of an id as it stands in a path, or the 404, or the 403 of a foreign one. */
export async function visibleInvoice(pool: Pool, identity: Identity, id: unknown): Promise<InvoiceRow> {
  const row = await findInvoice(pool, parseId(id));
  if (!row) throw new Refusal('not_found', 'No such invoice.');
  refuseForeign(identity, row);
  return row;
}

/** As `visibleInvoice`, by the booking. */
export async function visibleInvoiceOfBooking(
  pool: Pool,
  identity: Identity,
  bookingId: unknown,
): Promise<InvoiceRow> {
  const row = await findBy(pool, 'i.booking_id', parseId(bookingId));
  if (!row) throw new Refusal('not_found', 'No invoice for this booking.');
  refuseForeign(identity, row);
  return row;
}

export function findInvoice(pool: Pool, id: string | null): Promise<InvoiceRow | undefined> {
  return findBy(pool, 'i.id', id);
}

/** One page of the invoices that the filter lets through, newest first, and how many there are. */
export async function listInvoices(
  pool: Pool,
  { where, values }: InvoiceFilter,
  page: Page,
): Promise<{ total: number; rows: InvoiceRow[] }> {
  const counted = await pool.query(`SELECT count(*) AS total FROM invoices i WHERE ${where}`, [...values]);
  // The page is cut out by id first: lines and payments are gathered for its rows, not for all that it skips.
  const { rows } = await pool.query<InvoiceRow>(
    `${SELECT_INVOICES}
     WHERE i.id = ANY(ARRAY(SELECT i.id FROM invoices i WHERE ${where} ORDER BY i.id DESC
                            LIMIT $${values.length + 1} OFFSET $${values.length + 2}))
     ORDER BY i.id DESC`,
    [...values, page.perPage, offsetOf(page)],
  );
  return { total: Number(counted.rows[0].total), rows };
}

/** The payment of an id as it stands in a path, with its invoice, or the 404. */
export async function requiredPayment(
  pool: Pool,
  id: unknown,
): Promise<{ paymentId: string; invoiceId: string }> {
  const paymentId = parseId(id);
  const { rows } = await pool.query<{ invoice_id: string }>(INVOICE_OF_PAYMENT, [paymentId]);
  const invoiceId = rows[0]?.invoice_id;
  if (paymentId === null || invoiceId === undefined) throw new Refusal('not_found', 'No such payment.');
  return { paymentId, invoiceId };
}

async function findBy(
  pool: Pool,
  column: 'i.id' | 'i.booking_id',
  id: string | null,
): Promise<InvoiceRow | undefined> {
  if (id === null) return undefined;
  return (await pool.query<InvoiceRow>(`${SELECT_INVOICES} WHERE ${column} = $1`, [id])).rows[0];
}

/** Agents and accountants see all; others their own. A foreign invoice is no secret, only closed. */
function refuseForeign(identity: Identity, row: InvoiceRow): void {
  if (identity.role === 'agent' || identity.role === 'accountant' || isOwn(identity, row.account_id)) return;
  throw new Refusal('forbidden', 'This invoice belongs to another account.');
}

const INVOICE_OF_PAYMENT = 'SELECT invoice_id FROM payments WHERE id = $1';

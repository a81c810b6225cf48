import type { PoolClient } from 'pg';
import { isoInstant } from '../clock.ts';

/** Voids what was not paid of bookings whose hold is over. */
export async function voidInvoices(
  client: PoolClient,
  bookingIds: readonly string[],
  now: Date,
): Promise<void> {
  await client.query(VOID_INVOICES, [bookingIds, isoInstant(now)]);
}

/** Those of these bookings that have no invoice here. */
export async function withoutInvoice(client: PoolClient, bookingIds: readonly string[]): Promise<string[]> {
  return (await client.query<{ id: string }>(WITHOUT_INVOICE, [bookingIds])).rows.map(({ id }) => id);
}

/** Those of these bookings whose invoice was paid. */
export async function withPayment(client: PoolClient, bookingIds: readonly string[]): Promise<string[]> {
  return (await client.query<{ id: string }>(WITH_PAYMENT, [bookingIds])).rows.map(({ id }) => id);
}

const WITHOUT_INVOICE = `
  SELECT ended.id FROM unnest($1::bigint[]) AS ended (id)
  WHERE NOT EXISTS (SELECT 1 FROM invoices i WHERE i.booking_id = ended.id)
  ORDER BY ended.id`;

const WITH_PAYMENT = `
  SELECT i.booking_id AS id FROM invoices i JOIN payments p ON p.invoice_id = i.id
  WHERE i.booking_id = ANY($1::bigint[]) AND p.result = 'APPROVED'
  ORDER BY i.booking_id`;

const VOID_INVOICES = `
  UPDATE invoices SET status = 'VOID', updated_at = $2
  WHERE booking_id = ANY($1::bigint[]) AND status = 'OPEN'`;

/**
 * Of bookings `b`: whether a charge is under way; or was made within a day, where billing was elsewhere then and the
 * booking has yet to hear of it, and the money was not given back. `$1` is the wall clock.
 */
export const IS_BEING_PAID = `
  EXISTS (SELECT 1 FROM invoices i JOIN payments p ON p.invoice_id = i.id
          WHERE i.booking_id = b.id
            AND (p.result = 'PENDING'
                 OR p.result = 'APPROVED' AND i.status <> 'REFUNDED'
                    AND i.paid_at > $1::timestamp AT TIME ZONE 'UTC' - interval '1 day'))`;

import { isBeingPaid } from '../billing/invoice.ts';
import type { ShownInvoice } from '../billing/invoices.ts';

/**
 * Whether a held booking is about to be something else: a charge is under way, or has been made and the booking has not
 * heard of it yet, as where bookings and billing are apart.
 */
export function awaitsPayment(
  { status }: { status: string },
  invoice: Pick<ShownInvoice, 'status' | 'payments'> | null,
): boolean {
  return status === 'HELD' && invoice !== null && (isBeingPaid(invoice) || invoice.status === 'PAID');
}

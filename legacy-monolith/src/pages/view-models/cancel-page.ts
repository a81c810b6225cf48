import { refundableCents } from '../../billing/fare-rules.ts';
import type { ShownInvoice } from '../../billing/invoices.ts';
import type { BookingRow } from '../../bookings/booking.ts';
import { fromCents, leastOf, toCents } from '../../money.ts';
import { displayMoney } from '../format.ts';
import { fareName } from './flight-parts.ts';

/** What whoever cancels gets back, before they do. */
export function refundText(row: BookingRow, invoice: ShownInvoice): string {
  const paidCents = toCents(invoice.paid);
  if (paidCents === 0n) return 'Nothing was paid, so nothing is due. The seats go back on sale at once.';
  const dueCents = refundableCents(row.fare_class, paidCents, row.passengers.length);
  const backCents = leastOf(dueCents, paidCents - toCents(invoice.refunded));
  const money = (cents: bigint): string => displayMoney(fromCents(cents), invoice.currency);
  const fare = fareName(row.fare_class);
  if (backCents <= 0n) return `The ${fare} fare gives nothing back of the ${money(paidCents)} that was paid.`;
  return `Of the ${money(paidCents)} that was paid, the ${fare} fare gives back ${money(backCents)}, to the card it came from.`;
}

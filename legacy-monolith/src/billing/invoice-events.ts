import type { PoolClient } from 'pg';
import type { AfterCommit } from '../db/transaction.ts';

export type PaidInvoice = { invoiceId: string; bookingId: string; paymentId: string; at: Date };

export type RefundedInvoice = {
  invoiceId: string;
  bookingId: string;
  refundId: string;
  amount: string;
  currency: string;
  /** Nothing of the payment is left. */
  whole: boolean;
  at: Date;
};

/** What is known here of an invoice's booking. */
export type InvoicedBooking = { status: string; contactEmail: string };

/**
 * What billing tells bookings, in the transaction that makes it true; wherever bookings are. What is left to be
 * done after the commit is given back.
 */
export type InvoiceEvents = {
  /** Locks the booking, always before its invoice. Null where the booking is not here. */
  lockBooking(client: PoolClient, bookingId: string): Promise<InvoicedBooking | null>;
  /** Whom to write to about a booking. Null where the booking is not here: the mailer asks its owner. */
  contactOf(client: PoolClient, bookingId: string): Promise<string | null>;
  /** Where the booking is here, it is held and locked. */
  invoicePaid(client: PoolClient, paid: PaidInvoice): Promise<AfterCommit>;
  invoiceRefunded(client: PoolClient, refunded: RefundedInvoice): Promise<AfterCommit>;
};

/** The port as it is now; to be asked for once in each transaction. */
export type InvoiceEventsNow = () => Promise<InvoiceEvents>;

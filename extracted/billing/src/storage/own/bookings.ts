import type { Transaction } from '@banyan/service-kit/database';
import { once } from '@banyan/service-kit/inbox';
import { queueMail } from '@banyan/service-kit/mailer';
import { type InvoiceStatus, ledgerReferenceOf } from '../../domain/invoice.ts';
import { type Closing, decideClosing } from '../../domain/payment-rules.ts';
import { mailFor } from '../../mail/kinds.ts';
import type { OwnStorageParts } from '../own-storage.ts';
import type { BillingWrites, PlacedBooking, Taken } from '../port.ts';
import { requireOwnership } from './fence.ts';
import { IS_OF_THE_END, insertRefund, REFUND_LEFT } from './refund-rows.ts';

type BookingWrites = Pick<BillingWrites, 'placeInvoice' | 'closeBooking' | 'takeNote'>;
type Effect = (tx: Transaction) => Promise<bigint | null>;

/** What bookings mean for their invoices. The effects commute: whichever event comes first, the end is the same. */
export function createBookingWrites({ database, now }: OwnStorageParts): BookingWrites {
  const take = (eventId: string, effect: Effect): Promise<Taken> =>
    database.transaction(async (tx) => {
      await requireOwnership(tx);
      let refundId: bigint | null = null;
      const { duplicate } = await once(tx, eventId, async () => {
        refundId = await effect(tx);
      });
      return { duplicate, refundId };
    });

  return {
    placeInvoice: (eventId, booking) => take(eventId, (tx) => place(tx, booking, now())),
    closeBooking: (eventId, bookingId, closing) =>
      take(eventId, (tx) => close(tx, bookingId, closing, now())),
    takeNote: (eventId) => take(eventId, async () => null),
  };
}

/** One at a time for a booking, also before there is a row of it to lock. */
const LOCK_BOOKING = `SELECT pg_advisory_xact_lock(hashtextextended('billing.booking:' || $1::bigint, 0))`;

async function place(tx: Transaction, booking: PlacedBooking, now: Date): Promise<null> {
  const { bookingId } = booking;
  await tx.query(LOCK_BOOKING, [bookingId]);
  const early = (await tx.query<{ kind: Closing['kind'] }>(TAKE_EARLY, [bookingId])).rows[0];
  const { rows } = await tx.query<{ id: bigint }>(`SELECT nextval('invoices_id_seq') AS id`);
  const { id } = rows[0] as { id: bigint };
  const { rowCount } = await tx.query(INSERT_INVOICE, [
    id,
    bookingId,
    booking.accountId,
    early ? 'VOID' : 'OPEN',
    booking.billTo,
    booking.currency,
    booking.netMinor,
    booking.taxMinor,
    booking.totalMinor,
    ledgerReferenceOf(id),
    booking.placedAt,
    booking.dueAt,
    early ? now : booking.placedAt,
  ]);
  // The booking has its invoice already, by another event that said the same.
  if (rowCount === 0) return null;
  await tx.query(INSERT_LINES, [
    id,
    booking.lines.map(({ description }) => description),
    booking.lines.map(({ quantity }) => quantity),
    booking.lines.map(({ unitMinor }) => unitMinor),
    booking.lines.map(({ amountMinor }) => amountMinor),
  ]);
  if (early?.kind === 'cancelled')
    await queueMail(tx, mailFor('CANCELLATION', bookingId, { bookingId, now }));
  return null;
}

type InvoiceRow = { id: bigint; status: InvoiceStatus; total_minor: bigint };
type PaymentRow = { id: bigint; left_minor: bigint; is_given_back: boolean };

async function close(
  tx: Transaction,
  bookingId: bigint,
  closing: Closing,
  now: Date,
): Promise<bigint | null> {
  await tx.query(LOCK_BOOKING, [bookingId]);
  const invoice = (await tx.query<InvoiceRow>(LOCK_INVOICE, [bookingId])).rows[0];
  if (!invoice) {
    await tx.query(KEEP_EARLY, [bookingId, closing.kind, now]);
    return null;
  }
  const payment = (await tx.query<PaymentRow>(APPROVED_PAYMENT, [invoice.id])).rows[0];
  const effect = decideClosing(closing, {
    status: invoice.status,
    totalMinor: invoice.total_minor,
    leftMinor: payment?.left_minor ?? null,
    isGivenBack: payment?.is_given_back ?? false,
  });
  if (effect.kind === 'void') await tx.query(VOID, [invoice.id, now]);
  if (closing.kind === 'cancelled')
    await queueMail(tx, mailFor('CANCELLATION', bookingId, { bookingId, now }));
  if (effect.kind !== 'refund' || !payment) return null;
  const { amountMinor, reason } = effect;
  return insertRefund(tx, { paymentId: payment.id, amountMinor, reason, cause: 'end', now });
}

const TAKE_EARLY = 'DELETE FROM early_closings WHERE booking_id = $1 RETURNING kind';

const KEEP_EARLY = `
  INSERT INTO early_closings (booking_id, kind, closed_at) VALUES ($1, $2, $3)
  -- Of the two the cancellation says more: there is a mail of it.
  ON CONFLICT (booking_id) DO UPDATE SET kind = excluded.kind WHERE excluded.kind = 'cancelled'`;

const INSERT_INVOICE = `
  INSERT INTO invoices (id, booking_id, account_id, status, bill_to, currency, net_minor, tax_minor, total_minor,
                        ledger_reference, issued_at, due_at, updated_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
  ON CONFLICT (booking_id) DO NOTHING`;

const INSERT_LINES = `
  INSERT INTO invoice_lines (invoice_id, position, description, quantity, unit_amount_minor, amount_minor)
  SELECT $1::bigint, line.position, line.description, line.quantity, line.unit_minor, line.amount_minor
  FROM unnest($2::text[], $3::integer[], $4::bigint[], $5::bigint[]) WITH ORDINALITY
    AS line (description, quantity, unit_minor, amount_minor, position)`;

const LOCK_INVOICE = 'SELECT id, status, total_minor FROM invoices WHERE booking_id = $1 FOR NO KEY UPDATE';

const VOID = `UPDATE invoices SET status = 'VOID', updated_at = $2 WHERE id = $1`;

const APPROVED_PAYMENT = `
  SELECT p.id, ${REFUND_LEFT} AS left_minor,
         EXISTS (SELECT 1 FROM refunds r WHERE r.payment_id = p.id AND r.result <> 'FAILED' AND ${IS_OF_THE_END})
           AS is_given_back
  FROM payments p WHERE p.invoice_id = $1 AND p.result = 'APPROVED'`;

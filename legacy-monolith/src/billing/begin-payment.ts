import type { Pool } from 'pg';
import { isoInstant } from '../clock.ts';
import { violatedConstraint } from '../db/database-fault.ts';
import { inTransaction } from '../db/transaction.ts';
import { refusedField } from '../http/refusal.ts';
import { brandOf, type Card } from './card.ts';
import type { InvoiceStatus } from './invoice.ts';
import type { LockedHold, PaymentConsent } from './payment-consent.ts';
import { TOUCH_INVOICE } from './refunds.ts';

export type BegunPayment = { id: string; key: string; amount: string; currency: string; bookingId: string };

type Locked = { status: InvoiceStatus; total: string; currency: string; under_way: boolean };

/**
 * First transaction of a payment: the booking's consent and the PENDING row, committed before the acquirer is
 * asked. Of the card only brand and last four are kept. Throws the 409s.
 */
export async function beginPayment(
  pool: Pool,
  invoice: { id: string; bookingId: string },
  card: Card,
  clock: () => Date,
  consent: PaymentConsent,
): Promise<BegunPayment> {
  const given = await consent.ask(invoice);
  try {
    return await inTransaction(pool, async (client) => {
      // Always the booking first, then its invoice: those who cancel and expire do the same.
      const hold = await given.lock(client);
      const locked = (await client.query<Locked>(LOCK_INVOICE, [invoice.id])).rows[0];
      if (!locked) throw new Error('an invoice that was there is gone');
      const now = clock();
      refuse(locked, hold, now);
      await hold.extend(now);
      const { rows } = await client.query<{ id: string; idempotency_key: string }>(INSERT_PAYMENT, [
        invoice.id,
        locked.total,
        locked.currency,
        brandOf(card.number),
        card.number.slice(-4),
        isoInstant(now),
        given.paymentId,
      ]);
      await client.query(TOUCH_INVOICE, [invoice.id, isoInstant(now)]);
      const { id, idempotency_key: key } = rows[0] as { id: string; idempotency_key: string };
      return { id, key, amount: locked.total, currency: locked.currency, bookingId: invoice.bookingId };
    });
  } catch (error) {
    // The net below the lock: the database lets one live charge per invoice exist, whoever writes.
    if (violatedConstraint(error) === 'payments_one_live') throw conflict('A payment is in progress.');
    throw error;
  }
}

function refuse(invoice: Locked, hold: LockedHold, now: Date): void {
  refuseUnpayable(invoice);
  if (!hold.isHeld(now)) throw holdIsOver();
}

/** The 409s of an invoice that nothing is to be paid of. */
export function refuseUnpayable(invoice: Pick<Locked, 'status' | 'under_way'>): void {
  if (invoice.status === 'VOID') throw conflict('Invoice is void.');
  if (invoice.status !== 'OPEN') throw conflict('Invoice is already paid.');
  if (invoice.under_way) throw conflict('A payment is in progress.');
}

export function holdIsOver(): Error {
  return conflict("The booking's hold has expired.");
}

function conflict(msg: string): Error {
  return refusedField('conflict', 'invoice', msg);
}

/** An invoice as a payment looks at it first. */
export const PAYABLE_INVOICE = `
  SELECT i.status, i.total, i.currency,
         EXISTS (SELECT 1 FROM payments p WHERE p.invoice_id = i.id AND p.result IN ('PENDING', 'APPROVED'))
           AS under_way
  FROM invoices i WHERE i.id = $1`;

const LOCK_INVOICE = `${PAYABLE_INVOICE} FOR NO KEY UPDATE`;

const INSERT_PAYMENT = `
  INSERT INTO payments (id, invoice_id, idempotency_key, result, amount, currency, card_brand, card_last4,
                        created_at, updated_at)
  SELECT next.id, $1::bigint, 'inv-' || $1::bigint || '-' || next.id, 'PENDING', $2::numeric, $3, $4, $5,
         $6::timestamptz, $6::timestamptz
  FROM (SELECT coalesce($7::bigint, nextval('payments_id_seq')) AS id) AS next
  RETURNING id, idempotency_key`;

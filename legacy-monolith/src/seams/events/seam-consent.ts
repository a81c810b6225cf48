import type { PaymentConsentServiceClient } from '@banyan/contracts/booking/v1/booking';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { holdIsOver, PAYABLE_INVOICE, refuseUnpayable } from '../../billing/begin-payment.ts';
import type { InvoiceStatus } from '../../billing/invoice.ts';
import type { PaymentConsent } from '../../billing/payment-consent.ts';
import { notMoved } from '../../billing/payment-refusals.ts';
import type { Api } from '../rpc/client.ts';
import { RemoteRefusal } from '../rpc/errors.ts';

type ConsentApi = Api<typeof PaymentConsentServiceClient.service>;

const ASK_MS = 3000;

/**
 * Bookings are elsewhere: their owner is asked to make the hold last before the payment is written down. No
 * transaction is open meanwhile.
 */
export function createSeamConsent(parts: {
  pool: Pool;
  logger: Logger;
  /** Null where it is not known whom to ask. */
  booking: () => Pick<ConsentApi, 'beginPayment'> | null;
}): PaymentConsent {
  const { pool, logger, booking } = parts;
  return {
    async ask({ id, bookingId }) {
      // What is refused here anyway needs no hold; it is looked at again in the transaction.
      const { rows } = await pool.query<{ status: InvoiceStatus; under_way: boolean }>(PAYABLE_INVOICE, [id]);
      if (!rows[0]) throw new Error('an invoice that was there is gone');
      refuseUnpayable(rows[0]);
      const { rows: next } = await pool.query<{ id: string }>(`SELECT nextval('payments_id_seq') AS id`);
      const paymentId = (next[0] as { id: string }).id;
      const api = booking();
      try {
        if (api === null) throw new RemoteRefusal('UNAVAILABLE', '', 'no target of bookings is set');
        const request = { bookingId: BigInt(bookingId), paymentKey: `inv-${id}-${paymentId}` };
        await api.beginPayment(request, { deadlineMs: ASK_MS });
      } catch (error) {
        if (error instanceof RemoteRefusal && error.reason === 'HOLD_OVER') throw holdIsOver();
        logger.warn({ err: error, invoice: id }, "the booking's consent to a payment cannot be had");
        throw notMoved('Nothing was charged.');
      }
      return { paymentId, lock: async () => GRANTED };
    },
  };
}

const GRANTED = { isHeld: () => true, extend: async () => {} };

import { voidOrRefund } from '../../billing/cancel-invoice.ts';
import { endInvoice } from '../../billing/end-invoice.ts';
import { issueInvoice } from '../../billing/issue-invoice.ts';
import { IS_BEING_PAID, voidInvoices, withPayment } from '../../billing/void-invoices.ts';
import type { BookingEvents } from '../../bookings/booking-events.ts';
import { nothingAfter } from '../../db/transaction.ts';
import { buryUninvoiced } from './tombstones.ts';

/** Billing is here: what follows happens in the booking's own transaction. */
export function createLocalBookingEvents(billing: {
  /** Carries a refund out with the acquirer; resolves, whatever comes of it, within a few seconds. */
  carryOutRefund(refundId: string): Promise<void>;
}): BookingEvents {
  return {
    isBeingPaidSql: IS_BEING_PAID,
    async bookingPlaced(client, { placedAt, ...placed }) {
      await issueInvoice(client, { ...placed, issuedAt: placedAt });
      return nothingAfter;
    },
    bookingPlacedBefore: async () => nothingAfter,
    bookingChanged: async () => nothingAfter,
    async bookingCancelled(client, { bookingId, fareClass, passengers, wasConfirmed, contactEmail, at }) {
      await buryUninvoiced(client, [bookingId], 'cancelled', at);
      // The news of its money has not come yet: all of it goes back, and the fare has no say in it.
      if (!wasConfirmed && (await withPayment(client, [bookingId])).length > 0) {
        const givenBack = await endInvoice(client, bookingId, { kind: 'cancelled', fare: null }, at);
        return typeof givenBack === 'string' ? () => billing.carryOutRefund(givenBack) : nothingAfter;
      }
      const { refundId } = await voidOrRefund(client, {
        bookingId,
        fareClass,
        passengers,
        contactEmail,
        now: at,
      });
      return refundId === null ? nothingAfter : () => billing.carryOutRefund(refundId);
    },
    async holdExpired(client, { bookingIds, at }) {
      await buryUninvoiced(client, bookingIds, 'expired', at);
      await voidInvoices(client, bookingIds, at);
      // The news of that has not come within a day. Nobody waits for the money to go back: the worker sees to it.
      for (const id of await withPayment(client, bookingIds)) {
        await endInvoice(client, id, { kind: 'expired' }, at);
      }
      return nothingAfter;
    },
  };
}

import type { Caller } from '../auth/caller.ts';
import type { Invoices, InvoicesOf } from '../billing/invoices.ts';
import type { Bookings, BookingsOf } from '../bookings/bookings.ts';
import { Refusal } from '../http/refusal.ts';
import type { Owner } from './owners/owner-mirror.ts';

const RETRY_AFTER_SECONDS = 5;

/** The 503 of what this database does not own, or nobody does just now. */
export function notHere(): Refusal {
  return new Refusal('unavailable', 'The service is unavailable. Please try again later.', {
    retryAfterSeconds: RETRY_AFTER_SECONDS,
  });
}

type Sides<Port> = {
  ownerOf: () => Promise<Owner>;
  here: (caller: Caller) => Port;
  away: (caller: Caller) => Port;
};

/** Of two implementations that of the owner, decided for each call. */
function chooser<Port>({ ownerOf, here, away }: Sides<Port>) {
  return (caller: Caller) =>
    async <Answer>(use: (port: Port) => Promise<Answer>): Promise<Answer> => {
      const owner = await ownerOf();
      switch (owner) {
        case 'monolith':
          return use(here(caller));
        case 'service':
          return use(away(caller));
        case 'nobody':
          throw notHere();
        default:
          return owner satisfies never;
      }
    };
}

export function chooseBookings(sides: Sides<Bookings>): BookingsOf {
  const choose = chooser(sides);
  return (caller) => {
    const on = choose(caller);
    return {
      visible: (id) => on((bookings) => bookings.visible(id)),
      list: (filter, page) => on((bookings) => bookings.list(filter, page)),
      create: (wanted, formId) => on((bookings) => bookings.create(wanted, formId)),
      update: (row, change, version) => on((bookings) => bookings.update(row, change, version)),
      cancel: (row, version) => on((bookings) => bookings.cancel(row, version)),
    };
  };
}

export function chooseInvoices(sides: Sides<Invoices>): InvoicesOf {
  const choose = chooser(sides);
  return (caller) => {
    const on = choose(caller);
    return {
      visible: (id) => on((invoices) => invoices.visible(id)),
      ofBooking: (bookingId) => on((invoices) => invoices.ofBooking(bookingId)),
      list: (filter, page) => on((invoices) => invoices.list(filter, page)),
      payment: (id) => on((invoices) => invoices.payment(id)),
      pay: (invoice, card, formId) => on((invoices) => invoices.pay(invoice, card, formId)),
      refund: (...order) => on((invoices) => invoices.refund(...order)),
      drawUp: (wanted, formId) => on((invoices) => invoices.drawUp(wanted, formId)),
      statement: (id) => on((invoices) => invoices.statement(id)),
    };
  };
}

import { InvoiceLookupServiceService } from '@banyan/contracts/billing/v1/billing';
import { BookingLookupServiceService } from '@banyan/contracts/booking/v1/booking';
import {
  OwnershipServiceService,
  ServiceData,
  Owner as WireOwner,
} from '@banyan/contracts/ownership/v1/ownership';
import type { Pool } from 'pg';
import { type InvoiceRow, SELECT_INVOICES } from '../../billing/invoice.ts';
import { findBooking } from '../../bookings/booking-queries.ts';
import type { Aggregate, Owner, OwnerMirror } from '../owners/owner-mirror.ts';
import { bookingToWire } from './booking-wire.ts';
import { notTheOwner, RpcRefusal } from './errors.ts';
import { invoiceToWire } from './invoice-wire.ts';
import { implement, type Served } from './serve.ts';

type Owns = (aggregate: Aggregate) => Promise<boolean>;

export function createBookingLookup(pool: Pool, owns: Owns): Served {
  return implement(BookingLookupServiceService, 'service', {
    async lookUpBooking({ bookingId }) {
      if (!(await owns('booking'))) throw notTheOwner('booking');
      const row = await findBooking(pool, String(bookingId));
      if (!row) throw new RpcRefusal('NOT_FOUND', 'BOOKING_NOT_FOUND', { domain: 'booking' });
      const { rows } = await pool.query<{ origin_name: string; destination_name: string }>(AIRPORTS, [
        row.flight.from,
        row.flight.to,
      ]);
      if (!rows[0]) throw new Error('the airports of a flight are gone');
      return { booking: bookingToWire(row, rows[0]) };
    },
  });
}

export function createInvoiceLookup(pool: Pool, owns: Owns): Served {
  return implement(InvoiceLookupServiceService, 'service', {
    async lookUpInvoice({ bookingId }) {
      if (!(await owns('billing'))) throw notTheOwner('billing');
      const sql = `${SELECT_INVOICES} WHERE i.booking_id = $1`;
      const row = (await pool.query<InvoiceRow>(sql, [String(bookingId)])).rows[0];
      if (!row) throw new RpcRefusal('NOT_FOUND', 'INVOICE_NOT_FOUND', { domain: 'billing' });
      return { invoice: invoiceToWire(row) };
    },
  });
}

const WIRE_OWNERS = {
  monolith: WireOwner.MONOLITH,
  service: WireOwner.SERVICE,
  nobody: WireOwner.NOBODY,
} as const satisfies Record<Owner, WireOwner>;

export function createOwnershipService(mirror: OwnerMirror): Served {
  const ownerships = () => ({
    ownerships: mirror
      .records()
      // It is not asked what it reads itself.
      .map(({ aggregate, owner, epoch }) => ({
        aggregate,
        owner: WIRE_OWNERS[owner],
        epoch,
        data: ServiceData.UNSPECIFIED,
      })),
  });
  return implement(OwnershipServiceService, 'open', {
    async listOwnership() {
      // Whoever asks is about to decide by it.
      await mirror.refresh();
      return ownerships();
    },
    async *watchOwnership(_request, { signal }) {
      let isStale = true;
      let wake = (): void => {};
      const release = mirror.onChange(() => {
        isStale = true;
        wake();
      });
      signal.addEventListener('abort', () => wake(), { once: true });
      try {
        while (!signal.aborted) {
          if (isStale) {
            isStale = false;
            yield ownerships();
            continue; // It may have changed while the caller took that.
          }
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      } finally {
        release();
      }
    },
  });
}

const AIRPORTS = `
  SELECT o.name AS origin_name, d.name AS destination_name FROM airports o, airports d
  WHERE o.code = $1 AND d.code = $2`;

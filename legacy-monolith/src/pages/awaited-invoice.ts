import type { Request, Response } from 'express';
import type { Invoices, ShownInvoice } from '../billing/invoices.ts';
import type { BookingRow } from '../bookings/booking.ts';
import { parseWallClock } from '../clock.ts';
import { Refusal } from '../http/refusal.ts';

/** After so long the page asks for itself again. */
const SOON_SECONDS = 1;
/** An invoice that has not come after so long needs a person, whom no page calls. */
const COMES_BACK_MS = 5 * 60_000;

/**
 * The invoice of a booking. A booking that is held, and of which billing has not heard yet, as where the two are apart,
 * is a 503, and its page comes back by itself while that may be a matter of moments.
 */
export async function awaitInvoice(
  invoices: Pick<Invoices, 'ofBooking'>,
  row: BookingRow,
  { req, res, now }: { req: Request; res: Response; now: Date },
): Promise<ShownInvoice> {
  try {
    return await invoices.ofBooking(row.id);
  } catch (error) {
    if (row.status !== 'HELD' || !(error instanceof Refusal) || error.kind !== 'not_found') throw error;
    const isYoung = now.getTime() - parseWallClock(row.created_at).getTime() < COMES_BACK_MS;
    if (isYoung && req.method === 'GET') res.set('Refresh', String(SOON_SECONDS));
    throw new Refusal('unavailable', 'The invoice of this booking is on its way.', {
      retryAfterSeconds: SOON_SECONDS,
    });
  }
}

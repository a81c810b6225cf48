import type { PoolClient } from 'pg';
import { wallClock } from '../clock.ts';
import { queueMail } from '../mail/outgoing-mail.ts';

/** What a payment does to its booking, whose lock the caller holds and which is held: it stands, and has its ticket. */
export async function confirmBooking(
  client: PoolClient,
  booking: { id: string; contactEmail: string; invoiceId: string; now: Date },
): Promise<void> {
  await client.query(CONFIRM, [booking.id, wallClock(booking.now)]);
  await queueMail(client, {
    kind: 'E_TICKET',
    causeId: booking.id,
    recipient: booking.contactEmail,
    bookingId: booking.id,
    invoiceId: booking.invoiceId,
    now: booking.now,
  });
}

const CONFIRM = `
  UPDATE bookings
  SET status = 'CONFIRMED', hold_expires_at = NULL, updated_at = $2, version = version + 1
  WHERE id = $1`;

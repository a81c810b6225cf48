import type { PoolClient } from 'pg';
import type { BookingEnd } from '../../billing/end-invoice.ts';
import { withoutInvoice } from '../../billing/void-invoices.ts';
import { isoInstant } from '../../clock.ts';

type EndKind = BookingEnd['kind'];

/** Beginning and end of a booking may come at once, and neither has a row to lock yet. */
export async function lockBookingId(client: PoolClient, bookingId: string): Promise<void> {
  await client.query(LOCK_BOOKING_ID, [bookingId]);
}

/** Notes that a booking has ended of which billing does not know yet. The caller holds the lock of its id. */
export async function bury(client: PoolClient, bookingId: string, kind: EndKind, now: Date): Promise<void> {
  await client.query(BURY, [bookingId, kind, isoInstant(now)]);
}

/** How a booking has ended before its beginning was told, and forgets it. Likewise. */
export async function exhume(client: PoolClient, bookingId: string): Promise<EndKind | undefined> {
  return (await client.query<{ kind: EndKind }>(EXHUME, [bookingId])).rows[0]?.kind;
}

/**
 * Of bookings that end here while billing is here: the event of a beginning may still be on its way, from the time
 * when billing was elsewhere.
 */
export async function buryUninvoiced(
  client: PoolClient,
  bookingIds: readonly string[],
  kind: EndKind,
  now: Date,
): Promise<void> {
  const suspects = await withoutInvoice(client, bookingIds);
  if (suspects.length === 0) return;
  for (const bookingId of suspects) await lockBookingId(client, bookingId);
  for (const bookingId of await withoutInvoice(client, suspects)) await bury(client, bookingId, kind, now);
}

const LOCK_BOOKING_ID = `SELECT pg_advisory_xact_lock(hashtextextended('seam.booking', $1::bigint))`;

const EXHUME = 'DELETE FROM seam_tombstones WHERE booking_id = $1 RETURNING kind';
const BURY = `
  INSERT INTO seam_tombstones (booking_id, kind, ended_at) VALUES ($1, $2, $3)
  -- Of the two the cancellation says more: there is a mail of it.
  ON CONFLICT (booking_id) DO UPDATE SET kind = excluded.kind WHERE excluded.kind = 'cancelled'`;

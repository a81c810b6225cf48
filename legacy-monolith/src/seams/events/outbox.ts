import type { PoolClient } from 'pg';
import { isoInstant } from '../../clock.ts';

export type WrittenEvent = {
  id: string;
  /** The case of its body. */
  type: string;
  bookingId: string;
  body: Uint8Array;
  now: Date;
  traceParent: string | null;
};

export async function writeOutbox(client: PoolClient, event: WrittenEvent): Promise<void> {
  await client.query(WRITE, [
    event.id,
    event.type,
    event.bookingId,
    Buffer.from(event.body),
    isoInstant(event.now),
    event.traceParent,
  ]);
}

/** Of what was told of a booking, what nobody has taken yet; not what has been on its way for long. */
export async function idsOnTheirWay(client: PoolClient, bookingId: string): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>(ON_THEIR_WAY, [bookingId]);
  return rows.map(({ id }) => id);
}

const ON_THEIR_WAY = `
  SELECT id FROM seam_outbox
  WHERE booking_id = $1 AND delivered_at IS NULL AND dead_at IS NULL
    AND (handed_at IS NULL OR handed_at > now() - interval '2 seconds')`;

/** When it is taken is the relay's matter, which goes by the database's clock. */
const WRITE = `
  INSERT INTO seam_outbox (id, type, booking_id, body, occurred_at, next_attempt_at, trace_parent)
  VALUES ($1, $2, $3, $4, $5, now(), $6)`;

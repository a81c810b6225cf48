import type { Pool, PoolClient } from 'pg';
import { isoInstant, plusMs } from '../../clock.ts';

export type OutboxRow = { id: string; body: Buffer; attempts: number };

/** Delivered events are kept this long, for questions. */
const KEPT_MS = 7 * 86_400_000;
/** Who has a row in hand is not disturbed for so long; longer than delivering can take. */
const LEASE_MS = 15_000;

export type WrittenEvent = {
  id: string;
  /** The case of its body. */
  type: string;
  bookingId: string;
  body: Uint8Array;
  now: Date;
  /** From when on it may be taken by whoever delivers; null: from the beginning, by the database's clock. */
  dueAt: Date | null;
  traceParent: string | null;
};

export async function writeOutbox(client: PoolClient, event: WrittenEvent): Promise<void> {
  await client.query(WRITE, [
    event.id,
    event.type,
    event.bookingId,
    Buffer.from(event.body),
    isoInstant(event.now),
    event.dueAt && isoInstant(event.dueAt),
    event.traceParent,
  ]);
}

export async function claimDue(pool: Pool, now: Date, rowsMax: number): Promise<OutboxRow[]> {
  const lease = isoInstant(plusMs(now, LEASE_MS));
  return (await pool.query<OutboxRow>(CLAIM_DUE, [isoInstant(now), lease, rowsMax])).rows;
}

/** Those of these that nobody has tried yet: they are their writer's, though they are not due. */
export async function claimNew(pool: Pool, ids: readonly string[], now: Date): Promise<OutboxRow[]> {
  const lease = isoInstant(plusMs(now, LEASE_MS));
  return (await pool.query<OutboxRow>(CLAIM_NEW, [ids, lease])).rows;
}

export async function markDelivered(pool: Pool, id: string, now: Date): Promise<void> {
  await pool.query(DELIVERED, [id, isoInstant(now)]);
}

export async function markFailed(pool: Pool, id: string, said: string, nextAt: Date): Promise<void> {
  await pool.query(FAILED, [id, said, isoInstant(nextAt)]);
}

export async function purgeDelivered(pool: Pool, now: Date, rowsMax: number): Promise<void> {
  await pool.query(PURGE, [isoInstant(plusMs(now, -KEPT_MS)), rowsMax]);
}

const WRITE = `
  INSERT INTO seam_outbox (id, type, booking_id, body, occurred_at, next_attempt_at, trace_parent)
  VALUES ($1, $2, $3, $4, $5, coalesce($6::timestamptz, now()), $7)`;

/** The lease is a later due time: whoever dies with a row in hand gives it back by doing nothing. */
const CLAIM_DUE = `
  UPDATE seam_outbox SET attempts = attempts + 1, next_attempt_at = $2::timestamptz
  WHERE id IN (SELECT id FROM seam_outbox
               WHERE delivered_at IS NULL AND next_attempt_at <= $1::timestamptz
               ORDER BY next_attempt_at, id LIMIT $3
               FOR UPDATE SKIP LOCKED)
  RETURNING id, body, attempts`;

const CLAIM_NEW = `
  UPDATE seam_outbox SET attempts = attempts + 1, next_attempt_at = $2::timestamptz
  WHERE id IN (SELECT id FROM seam_outbox
               WHERE id = ANY($1::uuid[]) AND delivered_at IS NULL AND attempts = 0
               ORDER BY id
               FOR UPDATE SKIP LOCKED)
  RETURNING id, body, attempts`;

const DELIVERED = `
  UPDATE seam_outbox SET delivered_at = $2::timestamptz, last_error = NULL
  WHERE id = $1 AND delivered_at IS NULL`;

const FAILED = `
  UPDATE seam_outbox SET last_error = $2, next_attempt_at = $3::timestamptz
  WHERE id = $1 AND delivered_at IS NULL`;

const PURGE = `
  DELETE FROM seam_outbox WHERE id IN
    (SELECT id FROM seam_outbox WHERE delivered_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)`;

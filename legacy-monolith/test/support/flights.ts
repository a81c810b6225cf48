import type { Pool } from 'pg';
import { plusMs, wallClock } from '../../src/clock.ts';

const TWO_DAYS_MS = 48 * 3_600_000;

/**
 * Gives a flight that takes bookings at `now`: one of the seed, moved to leave two days later. For what lives by the
 * machine's clock, as a process of its own does; the seed's flights leave around a day that never changes.
 */
export async function moveFlightAhead(pool: Pool, now: Date): Promise<number> {
  const { rows } = await pool.query<{ id: string }>(
    `UPDATE flights SET departs_at = $1::timestamp, arrives_at = $1::timestamp + (arrives_at - departs_at)
     WHERE id = (SELECT min(id) FROM flights WHERE status = 'SCHEDULED') RETURNING id`,
    [wallClock(plusMs(now, TWO_DAYS_MS))],
  );
  return Number(rows[0]?.id);
}

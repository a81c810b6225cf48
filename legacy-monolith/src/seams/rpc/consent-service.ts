import { PaymentConsentServiceService } from '@banyan/contracts/booking/v1/booking';
import type { Pool } from 'pg';
import { extendHold, isHeld, lockHold } from '../../bookings/hold.ts';
import { isoInstant, parseWallClock } from '../../clock.ts';
import { inTransaction } from '../../db/transaction.ts';
import type { Aggregate } from '../owners/owner-mirror.ts';
import { notTheOwner, RpcRefusal } from './errors.ts';
import { implement, type Served } from './serve.ts';

const BOOKING = { domain: 'booking' } as const;
const KEY = /^[\x21-\x7e]{1,255}$/;

/** Bookings are here, billing may be elsewhere: consent to its payments. */
export function createConsentService(parts: {
  pool: Pool;
  clock: () => Date;
  owns: (aggregate: Aggregate) => Promise<boolean>;
}): Served {
  const { pool, clock, owns } = parts;
  return implement(PaymentConsentServiceService, 'service', {
    async beginPayment({ bookingId, paymentKey }) {
      if (!(await owns('booking'))) throw notTheOwner('booking');
      if (!KEY.test(paymentKey)) {
        throw new RpcRefusal('INVALID_ARGUMENT', 'INVALID_FIELD', {
          ...BOOKING,
          metadata: { field: 'payment_key', rule: '1 to 255 visible ASCII characters' },
        });
      }
      const id = String(bookingId);
      const until = await inTransaction(pool, async (client) => {
        const hold = await lockHold(client, id);
        if (!hold) throw new RpcRefusal('NOT_FOUND', 'BOOKING_NOT_FOUND', BOOKING);
        const now = clock();
        if (!isHeld(hold, now)) throw new RpcRefusal('FAILED_PRECONDITION', 'HOLD_OVER', BOOKING);
        const { rows } = await client.query<{ hold_expires_at: string }>(GIVEN, [paymentKey, id]);
        if (rows[0]) return rows[0].hold_expires_at;
        const end = await extendHold(client, id, hold, now);
        await client.query(GIVE, [paymentKey, id, end, isoInstant(now)]);
        return end;
      });
      return { holdExpiresAt: parseWallClock(until) };
    },
  });
}

const GIVEN = 'SELECT hold_expires_at FROM seam_consents WHERE payment_key = $1 AND booking_id = $2';

const GIVE = `
  INSERT INTO seam_consents (payment_key, booking_id, hold_expires_at, granted_at) VALUES ($1, $2, $3, $4)`;

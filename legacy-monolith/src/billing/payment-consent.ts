import type { PoolClient } from 'pg';

/**
 * The booking's consent to a charge, which a payment needs before a card is touched. It says in two steps whether
 * the booking is held, and makes the hold last.
 */
export type PaymentConsent = {
  /**
   * Before the payment's transaction: asks the booking's owner where that is elsewhere, and throws the 409 of a
   * hold that is over and the 503 of an owner that cannot be asked.
   */
  ask(invoice: { id: string; bookingId: string }): Promise<Consent>;
};

export type Consent = {
  /** The id that the payment has asked under; null where none was needed. */
  paymentId: string | null;
  /** Within the payment's transaction, before the invoice is locked. */
  lock(client: PoolClient): Promise<LockedHold>;
};

export type LockedHold = {
  isHeld(now: Date): boolean;
  extend(now: Date): Promise<void>;
};

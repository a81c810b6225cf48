import type { Behaviour, DeclineReason } from './behaviours.ts';

type MovementBase = {
  id: string;
  key: string;
  result: 'APPROVED' | 'DECLINED';
  decline_reason: DeclineReason | null;
  amount: string;
  currency: string;
  created_at: string;
};

export type Charge = MovementBase & {
  kind: 'charge';
  reference: string;
  /** All that is kept of the card. */
  card_last4: string;
  /** Compared when the key comes again. */
  expiry: string;
  card_holder: string;
  refunds: Behaviour | null;
};
export type Refund = MovementBase & { kind: 'refund'; charge_id: string };
export type Movement = Charge | Refund;

import { fromCents, toCents } from './amount.ts';
import { type DeclineReason, decideRefunds } from './behaviours.ts';
import type { Journal } from './journal.ts';
import type { Charge, Movement, Refund } from './movement.ts';
import type { ChargeRequest, RefundRequest } from './requests.ts';

export type Recorded<M extends Movement> =
  | { outcome: 'new' | 'replayed'; movement: M }
  | { outcome: 'refused'; status: 404 | 422 | 503; error: string; message: string };

export type Totals = {
  currency: string;
  charges: number;
  charged: string;
  refunds: number;
  refunded: string;
  balance: string;
  declined: number;
};

export type LedgerOptions = {
  clock: () => Date;
  newId: () => string;
  /** Rows kept in memory; a movement beyond them is refused, never dropped silently. */
  rowsMax: number;
  journal: Journal | null;
  /** What an earlier life of this ledger recorded. */
  restored: readonly Movement[];
};

export type Ledger = ReturnType<typeof createLedger>;

/** The charges of the seed data bear this mark; their refunds are taken on trust. */
const SEEDED_CHARGE = 'ch_seed_';

/** The acquirer's book: one row per key, whatever happens to the answer. */
export function createLedger({ clock, newId, rowsMax, journal, restored }: LedgerOptions) {
  const movements: Movement[] = [...restored];
  const chargesByKey = new Map<string, Charge>();
  const chargesById = new Map<string, Charge>();
  const refundsByKey = new Map<string, Refund>();
  for (const movement of movements) index(movement);

  function index(movement: Movement): void {
    if (movement.kind === 'refund') {
      refundsByKey.set(movement.key, movement);
      return;
    }
    chargesByKey.set(movement.key, movement);
    chargesById.set(movement.id, movement);
  }

  /** The row is in memory before the first wait, so that the same key cannot be entered twice meanwhile. */
  async function enter<M extends Movement>(movement: M): Promise<Recorded<M>> {
    movements.push(movement);
    index(movement);
    await journal?.append(movement);
    return { outcome: 'new', movement };
  }

  function refundedCents(chargeId: string): bigint {
    let sum = 0n;
    for (const refund of refundsByKey.values()) {
      if (refund.charge_id === chargeId && refund.result === 'APPROVED') sum += toCents(refund.amount);
    }
    return sum;
  }

  function refundFault({ chargeId, amount, currency }: RefundRequest): Refused | null {
    // Made before this ledger was opened, so there is no row to compare with.
    if (chargeId.startsWith(SEEDED_CHARGE)) return null;
    const charge = chargesById.get(chargeId);
    if (charge === undefined || charge.result !== 'APPROVED') return NO_SUCH_CHARGE;
    if (charge.currency !== currency) return OTHER_CURRENCY;
    return refundedCents(chargeId) + toCents(amount) > toCents(charge.amount) ? OVER_REFUND : null;
  }

  return {
    async charge(
      key: string,
      request: ChargeRequest,
      reason: DeclineReason | null,
    ): Promise<Recorded<Charge>> {
      const known = chargesByKey.get(key);
      if (known !== undefined) {
        return sameCharge(known, request) ? { outcome: 'replayed', movement: known } : OTHER_PAYLOAD;
      }
      if (movements.length >= rowsMax) return LEDGER_FULL;
      return enter<Charge>({
        kind: 'charge',
        id: `ch_${newId()}`,
        key,
        result: reason === null ? 'APPROVED' : 'DECLINED',
        decline_reason: reason,
        amount: request.amount,
        currency: request.currency,
        created_at: clock().toISOString(),
        reference: request.reference,
        card_last4: request.cardNumber.slice(-4),
        expiry: request.expiry,
        card_holder: request.cardHolder,
        refunds: decideRefunds(request.cardNumber),
      });
    },

    async refund(
      key: string,
      request: RefundRequest,
      reason: DeclineReason | null,
    ): Promise<Recorded<Refund>> {
      const known = refundsByKey.get(key);
      if (known !== undefined) {
        return sameRefund(known, request) ? { outcome: 'replayed', movement: known } : OTHER_PAYLOAD;
      }
      const fault = refundFault(request);
      if (fault !== null) return fault;
      if (movements.length >= rowsMax) return LEDGER_FULL;
      return enter<Refund>({
        kind: 'refund',
        id: `re_${newId()}`,
        key,
        charge_id: request.chargeId,
        result: reason === null ? 'APPROVED' : 'DECLINED',
        decline_reason: reason,
        amount: request.amount,
        currency: request.currency,
        created_at: clock().toISOString(),
      });
    },

    chargeByKey: (key: string) => chargesByKey.get(key),
    chargeById: (id: string) => chargesById.get(id),
    refundByKey: (key: string) => refundsByKey.get(key),

    /** Oldest first. */
    movements: (since: Date | null = null): readonly Movement[] =>
      since === null ? movements : movements.filter((movement) => new Date(movement.created_at) >= since),

    /** Over the whole ledger, by currency. */
    totals(): Totals[] {
      const currencies = [...new Set(movements.map((movement) => movement.currency))].sort();
      return currencies.map((currency) => totalsOf(movements, currency));
    },
  };
}

type Refused = Extract<Recorded<Movement>, { outcome: 'refused' }>;

const refusal = (status: Refused['status'], error: string, message: string): Refused => ({
  outcome: 'refused',
  status,
  error,
  message,
});

const OTHER_PAYLOAD = refusal(422, 'key_reused', 'This Idempotency-Key belongs to another request.');
const NO_SUCH_CHARGE = refusal(404, 'no_such_charge', 'There is no approved charge with this charge_id.');
const OTHER_CURRENCY = refusal(422, 'other_currency', 'The charge was made in another currency.');
const OVER_REFUND = refusal(422, 'over_refund', 'More than is left of the charge.');
const LEDGER_FULL = refusal(
  503,
  'ledger_full',
  'The ledger is full; nothing was moved. Restart the stand-in.',
);

function sameCharge(known: Charge, request: ChargeRequest): boolean {
  return (
    known.amount === request.amount &&
    known.currency === request.currency &&
    known.reference === request.reference &&
    known.card_last4 === request.cardNumber.slice(-4) &&
    known.expiry === request.expiry &&
    known.card_holder === request.cardHolder
  );
}

function sameRefund(known: Refund, request: RefundRequest): boolean {
  return (
    known.charge_id === request.chargeId &&
    known.amount === request.amount &&
    known.currency === request.currency
  );
}

function totalsOf(movements: readonly Movement[], currency: string): Totals {
  let [charged, refunded] = [0n, 0n];
  let [charges, refunds, declined] = [0, 0, 0];
  for (const movement of movements) {
    if (movement.currency !== currency) continue;
    if (movement.result === 'DECLINED') {
      declined += 1;
    } else if (movement.kind === 'charge') {
      charges += 1;
      charged += toCents(movement.amount);
    } else {
      refunds += 1;
      refunded += toCents(movement.amount);
    }
  }
  return {
    currency,
    charges,
    charged: fromCents(charged),
    refunds,
    refunded: fromCents(refunded),
    balance: fromCents(charged - refunded),
    declined,
  };
}

import { isAmount, toCents } from './amount.ts';

export type ChargeRequest = {
  amount: string;
  currency: string;
  cardNumber: string;
  expiry: string;
  cardHolder: string;
  reference: string;
};

export type RefundRequest = { chargeId: string; amount: string; currency: string };

export type Read<T> = { ok: true; request: T } | { ok: false; message: string };

type Body = Record<string, unknown>;

/** 1–255 visible ASCII characters, or null. */
export function parseKey(header: string | undefined): string | null {
  return header !== undefined && /^[!-~]{1,255}$/.test(header) ? header : null;
}

export function parseCharge(input: unknown): Read<ChargeRequest> {
  const body = asBody(input);
  const money = moneyFault(body);
  if (money !== null) return { ok: false, message: money };
  if (!matches(body.card_number, /^\d{12,19}$/)) {
    // The value is never repeated: it may be most of a real card number.
    return { ok: false, message: 'card_number must be 12 to 19 digits' };
  }
  if (!matches(body.expiry, /^(0[1-9]|1[0-2])\/\d{2}$/)) {
    return { ok: false, message: 'expiry must be MM/YY' };
  }
  if (!matches(body.cvc, /^\d{3,4}$/)) return { ok: false, message: 'cvc must be 3 or 4 digits' };
  if (!isText(body.card_holder, 200)) return { ok: false, message: 'card_holder is required' };
  if (!isText(body.reference, 200)) return { ok: false, message: 'reference is required' };
  return {
    ok: true,
    request: {
      amount: body.amount as string,
      currency: body.currency as string,
      cardNumber: body.card_number,
      expiry: body.expiry,
      cardHolder: body.card_holder,
      reference: body.reference,
    },
  };
}

export function parseRefund(input: unknown): Read<RefundRequest> {
  const body = asBody(input);
  const money = moneyFault(body);
  if (money !== null) return { ok: false, message: money };
  if (!isText(body.charge_id, 100)) return { ok: false, message: 'charge_id is required' };
  return {
    ok: true,
    request: { chargeId: body.charge_id, amount: body.amount as string, currency: body.currency as string },
  };
}

function moneyFault(body: Body): string | null {
  if (!isAmount(body.amount) || toCents(body.amount) === 0n) {
    return 'amount must be a positive decimal with two places, as text';
  }
  if (!matches(body.currency, /^[A-Z]{3}$/)) return 'currency must be three capital letters';
  return null;
}

function asBody(input: unknown): Body {
  return typeof input === 'object' && input !== null ? (input as Body) : {};
}

function matches(value: unknown, pattern: RegExp): value is string {
  return typeof value === 'string' && pattern.test(value);
}

function isText(value: unknown, charactersMax: number): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= charactersMax;
}

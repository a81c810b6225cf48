import type { Fault } from '../http/refusal.ts';
import { isSingleLine, isStorable, lengthOf } from '../http/text.ts';
import { parseCents } from '../money.ts';
import { type Card, EXPIRY_FORM, isExpired, parseCardNumber } from './card.ts';

const HOLDER_LENGTH_MAX = 80;

type Read<T> = { ok: true; value: T } | { ok: false; faults: readonly Fault[] };

/** The body of payInvoice, or all its faults. `totalCents` is what the invoice asks for. */
export function parseCardPayment(
  values: Readonly<Record<string, unknown>>,
  totalCents: bigint,
  now: Date,
): Read<Card> {
  const faults: Fault[] = [];
  const fault = (field: string, msg: string): void => {
    faults.push({ field, msg });
  };
  const text = (field: string, label: string): string | null => {
    const value = values[field];
    if (value === undefined || value === null || value === '') {
      fault(field, `${label} is required.`);
      return null;
    }
    if (typeof value === 'string') return value;
    fault(field, `${label} must be text.`);
    return null;
  };

  const typed = text('card_number', 'Card number');
  const number = typed === null ? null : parseCardNumber(typed);
  if (typed !== null && number === null) fault('card_number', 'Card number is not valid.');

  const expiry = text('expiry', 'Expiry');
  if (expiry !== null && !EXPIRY_FORM.test(expiry)) fault('expiry', 'Expiry must be MM/YY.');
  else if (expiry !== null && isExpired(expiry, now)) fault('expiry', 'Card has expired.');

  const cvc = text('cvc', 'CVC');
  if (cvc !== null && !/^\d{3,4}$/.test(cvc)) fault('cvc', 'CVC must be 3 or 4 digits.');

  const holder = text('card_holder', 'Card holder');
  if (holder !== null) {
    if (holder.trim() === '') fault('card_holder', 'Card holder is required.');
    else if (!isStorable(holder) || !isSingleLine(holder))
      fault('card_holder', 'Card holder contains characters that are not allowed.');
    else if (lengthOf(holder) > HOLDER_LENGTH_MAX) {
      fault('card_holder', `Card holder must have at most ${HOLDER_LENGTH_MAX} characters.`);
    }
  }

  const amount = values.amount;
  if (amount !== undefined && amount !== null && amount !== '') {
    const cents = typeof amount === 'string' ? parseCents(amount) : null;
    if (cents === null) fault('amount', 'Amount is not valid.');
    else if (cents !== totalCents) fault('amount', "Amount must be the invoice's total.");
  }

  if (faults.length > 0 || number === null || expiry === null || cvc === null || holder === null) {
    return { ok: false, faults };
  }
  return { ok: true, value: { number, expiry, cvc, holder } };
}

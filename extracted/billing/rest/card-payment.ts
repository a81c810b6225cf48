import type { Card } from '@banyan/contracts/billing/v1/billing';
import { ServiceRefusal } from '@banyan/gateway/carve-out';
import { type Fault, invalidFields, type Refusal } from '@meridian/habits/refusal';
import { isSingleLine, isStorable, lengthOf } from '@meridian/habits/text';
import { parseCents } from '@meridian/habits/values';
import { refuseAny } from './refusals.ts';

/** The card of a payment. `fault`: that it has expired, where nothing else is wrong. */
export type WantedPayment = { readonly card: Card; readonly fault: Refusal | undefined };

const HOLDER_LENGTH_MAX = 80;
const EXPIRY_FORM = /^(0[1-9]|1[0-2])\/(\d{2})$/;

/** The body of payInvoice; refuses with all its faults. `totalCents` is what the invoice asks for. */
export function parseCardPayment(
  values: Readonly<Record<string, unknown>>,
  totalCents: bigint,
  now: Date,
): WantedPayment {
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
  const month = expiry === null ? null : EXPIRY_FORM.exec(expiry);
  if (expiry !== null && month === null) fault('expiry', 'Expiry must be MM/YY.');
  const isExpired = month !== null && isOver(month, now);
  if (isExpired) fault('expiry', 'Card has expired.');

  const cvc = text('cvc', 'CVC');
  if (cvc !== null && !/^\d{3,4}$/.test(cvc)) fault('cvc', 'CVC must be 3 or 4 digits.');

  const holder = text('card_holder', 'Card holder');
  if (holder !== null) {
    if (holder.trim() === '') fault('card_holder', 'Card holder is required.');
    else if (!isStorable(holder) || !isSingleLine(holder)) {
      fault('card_holder', 'Card holder contains characters that are not allowed.');
    } else if (lengthOf(holder) > HOLDER_LENGTH_MAX) {
      fault('card_holder', `Card holder must have at most ${HOLDER_LENGTH_MAX} characters.`);
    }
  }

  const { amount } = values;
  if (amount !== undefined && amount !== null && amount !== '') {
    const cents = typeof amount === 'string' ? parseCents(amount) : null;
    if (cents === null) fault('amount', 'Amount is not valid.');
    else if (cents !== totalCents) fault('amount', "Amount must be the invoice's total.");
  }

  const isExpiredAlone = isExpired && faults.length === 1;
  if (!isExpiredAlone) refuseAny(faults);
  return {
    card: {
      number: number as string,
      expiryMonth: Number(month?.[1]),
      expiryYear: 2000 + Number(month?.[2]),
      verificationCode: cvc as string,
      holder: holder as string,
    },
    fault: isExpiredAlone ? invalidFields(faults) : undefined,
  };
}

/**
 * Pays with what the body asks for. A card that has expired may have paid under the same key before it did: with a
 * key the service is asked all the same, for it to refuse.
 */
export async function payWith<Paid>(
  { card, fault }: WantedPayment,
  idempotencyKey: string | undefined,
  pay: (card: Card) => Promise<Paid>,
): Promise<Paid> {
  if (fault === undefined) return pay(card);
  if (idempotencyKey === undefined) throw fault;
  try {
    return await pay(card);
  } catch (error) {
    throw error instanceof ServiceRefusal && error.reason === 'INVALID_FIELDS' ? fault : error;
  }
}

/** The digits of what a person typed, spaces and dashes taken out; null when it can be no card number. */
function parseCardNumber(text: string): string | null {
  const digits = text.replace(/[ -]/g, '');
  return /^\d{12,19}$/.test(digits) && passesLuhn(digits) ? digits : null;
}

/** ISO/IEC 7812-1, annex B. */
function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let place = 0; place < digits.length; place += 1) {
    const digit = Number(digits[digits.length - 1 - place]);
    const weighted = place % 2 === 1 ? digit * 2 : digit;
    sum += weighted > 9 ? weighted - 9 : weighted;
  }
  return sum % 10 === 0;
}

/** A card holds to the end of its month, UTC. */
function isOver(month: RegExpExecArray, now: Date): boolean {
  return now.getTime() >= Date.UTC(2000 + Number(month[2]), Number(month[1]), 1);
}

import type { Fault } from '@meridian/habits/refusal';
import { isStorable, lengthOf } from '@meridian/habits/text';
import { parseCents } from '@meridian/habits/values';
import { refuseAny } from './refusals.ts';

const REASON_LENGTH_MAX = 200;

/** The body of refundPayment; refuses with all its faults. */
export function parseRefund(values: Readonly<Record<string, unknown>>): {
  amountCents: bigint | null;
  reason: string;
} {
  const faults: Fault[] = [];
  const { amount, reason } = values;
  let amountCents: bigint | null = null;
  if (amount !== undefined && amount !== null && amount !== '') {
    amountCents = typeof amount === 'string' ? parseCents(amount) : null;
    if (amountCents === null || amountCents <= 0n)
      faults.push({ field: 'amount', msg: 'Amount is not valid.' });
  }
  if (typeof reason !== 'string' || reason.trim() === '') {
    faults.push({ field: 'reason', msg: 'Reason is required.' });
  } else if (!isStorable(reason)) {
    faults.push({ field: 'reason', msg: 'Reason contains characters that are not allowed.' });
  } else if (lengthOf(reason) > REASON_LENGTH_MAX) {
    faults.push({ field: 'reason', msg: `Reason must have at most ${REASON_LENGTH_MAX} characters.` });
  }
  refuseAny(faults);
  return { amountCents, reason: reason as string };
}

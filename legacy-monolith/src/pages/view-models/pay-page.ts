import type { ShownInvoice } from '../../billing/invoices.ts';
import type { BookingRow } from '../../bookings/booking.ts';
import { type Field, type FormState, field } from '../fields.ts';
import { displayCode, displayDateTime, displayMoney } from '../format.ts';
import { type Pass, passOf } from './booking-parts.ts';
import type { Airports } from './flight-parts.ts';

export type PayPage = {
  action: string;
  apiPath: string;
  donePath: string;
  token: string;
  message: string | null;
  pass: Pass;
  heldUntil: string;
  lines: readonly { description: string; amount: string }[];
  tax: string;
  total: string;
  fields: readonly Field[];
};

export function payPage(parts: {
  row: BookingRow;
  invoice: ShownInvoice;
  airports: Airports;
  gate: string | null;
  form: FormState;
  token: string;
}): PayPage {
  const { row, invoice, form } = parts;
  const money = (amount: string): string => displayMoney(amount, invoice.currency);
  return {
    action: `/bookings/${row.id}/pay`,
    apiPath: `/api/v1/invoices/${invoice.id}/payments`,
    donePath: `/bookings/${row.id}`,
    token: parts.token,
    message: form.message,
    pass: passOf(row, parts.airports, parts.gate),
    heldUntil: row.hold_expires_at === null ? '' : displayDateTime(row.hold_expires_at),
    lines: invoice.lines.map(({ description, quantity, amount }) => ({
      description: `${quantity} × ${description}`,
      amount: money(amount),
    })),
    tax: money(invoice.tax),
    total: money(invoice.total),
    fields: [
      field(form, 'card_holder', 'Name on the card', {
        attributes: { autocomplete: 'cc-name', maxlength: '80' },
      }),
      field(form, 'card_number', 'Card number', {
        secret: true,
        attributes: {
          inputmode: 'numeric',
          autocomplete: 'cc-number',
          maxlength: '23',
          placeholder: '0000 0000 0000 0000',
        },
      }),
      field(form, 'expiry', 'Valid until', {
        secret: true,
        width: 'w6',
        attributes: { autocomplete: 'cc-exp', maxlength: '5', placeholder: 'MM/YY', inputmode: 'numeric' },
      }),
      field(form, 'cvc', 'Security code', {
        secret: true,
        width: 'w6',
        hint: 'Three digits on the back, or four on the front.',
        attributes: { inputmode: 'numeric', autocomplete: 'cc-csc', maxlength: '4' },
      }),
    ],
  };
}

/** What to tell whose card was refused. */
export function declinedText(reason: string | null): string {
  const why = reason === null ? '' : ` (${displayCode(reason).toLowerCase()})`;
  return `Your card was declined${why}. Nothing was charged. You can try again, or use another card.`;
}

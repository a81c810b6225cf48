import type { StatementBody } from '../../billing/create-statement.ts';
import { displayCode, displayDateTime, displayMoney } from '../format.ts';
import type { StatementPage } from './invoice-pages.ts';

const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

export function statementPage(accountId: string, body: StatementBody): StatementPage {
  const money = (amount: string): string => displayMoney(amount, body.currency);
  const [year, month] = body.month.split('-');
  return {
    month: `${MONTHS[Number(month) - 1]} ${year}`,
    accountId,
    totals: [
      ['Opening balance', money(body.opening_balance)],
      ['Invoiced', money(body.invoiced)],
      ['Paid', money(body.paid)],
      ['Refunded', money(body.refunded)],
    ],
    closing: money(body.closing_balance),
    lines: body.lines.map(({ at, kind, invoice_number, amount }) => ({
      at: displayDateTime(at),
      kind: displayCode(kind),
      invoice: invoice_number,
      amount: money(amount),
    })),
    generatedAt: displayDateTime(body.generated_at),
  };
}

import { bookingReference, invoiceNumber } from '../../bookings/reference.ts';
import { takeFont } from '../../documents/fonts.ts';
import {
  BRAND,
  drawField,
  drawFoot,
  drawHead,
  drawRule,
  INK,
  INNER,
  MUTED,
  PAGE,
  type Paper,
  renderPaper,
  TINT,
} from '../../documents/paper.ts';
import type { InvoiceStatus } from '../invoice.ts';
import type { ShownInvoice } from '../invoices.ts';

const STAMPS = {
  OPEN: ['Payment due', '#b45309'],
  PAID: ['Paid', '#15803d'],
  PARTIALLY_REFUNDED: ['Partially refunded', '#7c3aed'],
  REFUNDED: ['Refunded', '#7c3aed'],
  VOID: ['Void', '#b91c1c'],
} as const satisfies Record<InvoiceStatus, readonly [string, string]>;

const COLUMNS = { description: PAGE.left + 10, quantity: 315, unit: 365, amount: 460 } as const;
const NUMBER_WIDTH = 75;

/** The invoice as a document. Depends on the row alone: equal rows give equal bytes. */
export function renderInvoice(row: ShownInvoice): Promise<Buffer> {
  const number = invoiceNumber(row.booking_id);
  const info = {
    title: `Invoice ${number}`,
    subject: `Booking ${bookingReference(row.booking_id)}`,
    names: [row.bill_to],
    createdAt: row.issued_at,
  };
  return renderPaper(info, (paper) => {
    drawHead(paper, 'Invoice', number);
    let y = drawParties(paper, row);
    y = drawLines(paper, row, y + 22);
    y = drawTotals(paper, row, y + 10);
    drawPayments(paper, row, y + 24);
    drawFoot(
      paper,
      `Meridian Air · accounts@meridian.example · ${number} · Ledger reference ${row.ledger_ref}`,
    );
  });
}

function drawParties(paper: Paper, row: ShownInvoice): number {
  const top = 122;
  const quarter = INNER / 4;
  const below = [
    drawField(paper, { x: PAGE.left, y: top, width: quarter * 2 - 20 }, 'Billed to', row.bill_to),
    drawField(
      paper,
      { x: PAGE.left + quarter * 2, y: top, width: quarter - 10 },
      'Booking',
      bookingReference(row.booking_id),
    ),
    drawStamp(paper, row.status, PAGE.left + quarter * 3, top, quarter),
  ];
  const second = Math.max(...below) + 14;
  const rest = [
    drawField(paper, { x: PAGE.left, y: second, width: quarter }, 'Account', row.account_id),
    drawField(
      paper,
      { x: PAGE.left + quarter * 2, y: second, width: quarter },
      'Issued (UTC)',
      dayAndTime(row.issued_at),
    ),
    drawField(
      paper,
      { x: PAGE.left + quarter * 3, y: second, width: quarter },
      row.paid_at === null ? 'Due (UTC)' : 'Paid (UTC)',
      dayAndTime(row.paid_at ?? row.due_at),
    ),
  ];
  return Math.max(...rest);
}

function drawStamp(paper: Paper, status: InvoiceStatus, x: number, y: number, width: number): number {
  const [text, color] = STAMPS[status];
  paper.roundedRect(x, y, width, 26, 4).lineWidth(1.2).stroke(color);
  paper
    .font('bold')
    .fontSize(9.5)
    .fillColor(color)
    .text(text.toUpperCase(), x, y + 8, { width, align: 'center' });
  return y + 26;
}

function drawLines(paper: Paper, row: ShownInvoice, top: number): number {
  paper.rect(PAGE.left, top, INNER, 22).fill(BRAND);
  paper.font('bold').fontSize(8.5).fillColor('#ffffff');
  paper.text('Description', COLUMNS.description, top + 7, { lineBreak: false });
  for (const [label, x, width] of [
    ['Qty', COLUMNS.quantity, 40],
    ['Unit price', COLUMNS.unit, NUMBER_WIDTH],
    ['Amount', COLUMNS.amount, NUMBER_WIDTH],
  ] as const) {
    paper.text(label, x, top + 7, { width, align: 'right' });
  }
  let y = top + 22;
  for (const [index, line] of row.lines.entries()) {
    paper.font('regular').fontSize(9.5);
    const width = COLUMNS.quantity - COLUMNS.description - 8;
    const height = Math.max(24, paper.heightOfString(line.description, { width }) + 12);
    if (index % 2 === 1) paper.rect(PAGE.left, y, INNER, height).fill(TINT);
    paper.fillColor(INK).text(line.description, COLUMNS.description, y + 6, { width });
    paper.text(String(line.quantity), COLUMNS.quantity, y + 6, { width: 40, align: 'right' });
    paper.text(line.unit_amount, COLUMNS.unit, y + 6, { width: NUMBER_WIDTH, align: 'right' });
    paper.text(line.amount, COLUMNS.amount, y + 6, { width: NUMBER_WIDTH, align: 'right' });
    y += height;
  }
  drawRule(paper, y);
  return y;
}

function drawTotals(paper: Paper, row: ShownInvoice, top: number): number {
  let y = top;
  const line = (label: string, amount: string, strong = false): void => {
    const size = strong ? 11 : 9.5;
    paper
      .font(strong ? 'bold' : 'regular')
      .fontSize(size)
      .fillColor(strong ? INK : MUTED);
    paper.text(label, 300, y, { width: 130, align: 'right' });
    paper.fillColor(INK).text(`${amount} ${row.currency}`, 435, y, { width: 100, align: 'right' });
    y += strong ? 22 : 17;
  };
  line('Net', row.net);
  line('Taxes', row.tax);
  paper
    .moveTo(330, y - 1)
    .lineTo(PAGE.right, y - 1)
    .lineWidth(0.8)
    .stroke(BRAND);
  y += 6;
  line('Total', row.total, true);
  line('Paid', row.paid);
  if (row.refunded !== '0.00') line('Refunded', row.refunded);
  return y;
}

/** A page holds some dozens of attempts; older ones are counted, not shown. */
const ENTRIES_MAX = 14;

function drawPayments(paper: Paper, row: ShownInvoice, top: number): void {
  const entries = row.payments.flatMap((payment) => [
    {
      at: payment.created_at,
      text: `${brandName(payment.card_brand)} ending ${payment.card_last4}`,
      note:
        payment.decline_reason === null
          ? payment.result
          : `${payment.result}: ${words(payment.decline_reason)}`,
      amount: payment.amount,
    },
    ...payment.refunds.map((refund) => ({
      at: refund.created_at,
      text: `Refund: ${refund.reason}`,
      note: refund.result,
      amount: `−${refund.amount}`,
    })),
  ]);
  if (entries.length === 0) return;
  paper.font('bold').fontSize(10).fillColor(BRAND).text('Payments', PAGE.left, top);
  let y = top + 18;
  const shown = entries.slice(-ENTRIES_MAX);
  for (const entry of shown) {
    paper.font('regular').fontSize(8.5).fillColor(MUTED);
    paper.text(dayAndTime(new Date(entry.at)), PAGE.left, y, { width: 105 });
    takeFont(paper, 'regular', entry.text).fillColor(INK);
    paper.text(entry.text, PAGE.left + 110, y, { width: 155, height: 11, ellipsis: true });
    paper
      .font('regular')
      .fillColor(MUTED)
      .text(entry.note, 320, y, { width: 145, height: 11, ellipsis: true });
    paper.fillColor(INK).text(entry.amount, COLUMNS.amount, y, { width: NUMBER_WIDTH, align: 'right' });
    y += 16;
  }
  if (shown.length < entries.length) {
    paper
      .fillColor(MUTED)
      .text(`and ${entries.length - shown.length} earlier`, PAGE.left, y, { width: INNER });
  }
}

const BRAND_NAMES: Readonly<Record<string, string>> = {
  VISA: 'Visa',
  MASTERCARD: 'Mastercard',
  AMEX: 'Amex',
};

function brandName(brand: string): string {
  return BRAND_NAMES[brand] ?? 'Card';
}

function words(reason: string): string {
  return reason.replaceAll('_', ' ');
}

/** `22 Nov 2026, 19:30` in UTC, without the machine's locale. */
function dayAndTime(at: Date): string {
  const [, day, month, year, time] = /^\w+, (\d+) (\w+) (\d+) (\d+:\d+)/.exec(at.toUTCString()) ?? [];
  return `${day} ${month} ${year}, ${time}`;
}

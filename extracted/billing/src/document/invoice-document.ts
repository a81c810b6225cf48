import { type Invoice, type InvoiceStatus, numberOf, referenceOf } from '../domain/invoice.ts';
import { toDecimal } from '../domain/money.ts';
import { takeFont } from './fonts.ts';
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
} from './paper.ts';

const STAMPS = {
  OPEN: ['Payment due', '#b45309'],
  PAID: ['Paid', '#15803d'],
  PARTIALLY_REFUNDED: ['Partially refunded', '#7c3aed'],
  REFUNDED: ['Refunded', '#7c3aed'],
  VOID: ['Void', '#b91c1c'],
} as const satisfies Record<InvoiceStatus, readonly [string, string]>;

const COLUMNS = { description: PAGE.left + 10, quantity: 315, unit: 365, amount: 460 } as const;
const NUMBER_WIDTH = 75;

/** The invoice as a document. Depends on the invoice alone: equal invoices give equal bytes. */
export function renderInvoice(invoice: Invoice): Promise<Buffer> {
  const number = numberOf(invoice);
  const info = {
    title: `Invoice ${number}`,
    subject: `Booking ${referenceOf(invoice)}`,
    names: [invoice.billTo],
    createdAt: invoice.issuedAt,
  };
  return renderPaper(info, (paper) => {
    drawHead(paper, 'Invoice', number);
    let y = drawParties(paper, invoice);
    y = drawLines(paper, invoice, y + 22);
    y = drawTotals(paper, invoice, y + 10);
    drawPayments(paper, invoice, y + 24);
    drawFoot(
      paper,
      `Meridian Air · accounts@meridian.example · ${number} · Ledger reference ${invoice.ledgerReference}`,
    );
  });
}

function drawParties(paper: Paper, invoice: Invoice): number {
  const top = 122;
  const quarter = INNER / 4;
  const below = [
    drawField(paper, { x: PAGE.left, y: top, width: quarter * 2 - 20 }, 'Billed to', invoice.billTo),
    drawField(
      paper,
      { x: PAGE.left + quarter * 2, y: top, width: quarter - 10 },
      'Booking',
      referenceOf(invoice),
    ),
    drawStamp(paper, invoice.status, PAGE.left + quarter * 3, top, quarter),
  ];
  const second = Math.max(...below) + 14;
  const rest = [
    drawField(paper, { x: PAGE.left, y: second, width: quarter }, 'Account', invoice.accountId.toString()),
    drawField(
      paper,
      { x: PAGE.left + quarter * 2, y: second, width: quarter },
      'Issued (UTC)',
      dayAndTime(invoice.issuedAt),
    ),
    drawField(
      paper,
      { x: PAGE.left + quarter * 3, y: second, width: quarter },
      invoice.paidAt === null ? 'Due (UTC)' : 'Paid (UTC)',
      dayAndTime(invoice.paidAt ?? invoice.dueAt),
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

function drawLines(paper: Paper, invoice: Invoice, top: number): number {
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
  for (const [index, line] of invoice.lines.entries()) {
    paper.font('regular').fontSize(9.5);
    const width = COLUMNS.quantity - COLUMNS.description - 8;
    const height = Math.max(24, paper.heightOfString(line.description, { width }) + 12);
    if (index % 2 === 1) paper.rect(PAGE.left, y, INNER, height).fill(TINT);
    paper.fillColor(INK).text(line.description, COLUMNS.description, y + 6, { width });
    paper.text(String(line.quantity), COLUMNS.quantity, y + 6, { width: 40, align: 'right' });
    paper.text(toDecimal(line.unitMinor), COLUMNS.unit, y + 6, { width: NUMBER_WIDTH, align: 'right' });
    paper.text(toDecimal(line.amountMinor), COLUMNS.amount, y + 6, { width: NUMBER_WIDTH, align: 'right' });
    y += height;
  }
  drawRule(paper, y);
  return y;
}

function drawTotals(paper: Paper, invoice: Invoice, top: number): number {
  let y = top;
  const line = (label: string, amount: string, strong = false): void => {
    const size = strong ? 11 : 9.5;
    paper
      .font(strong ? 'bold' : 'regular')
      .fontSize(size)
      .fillColor(strong ? INK : MUTED);
    paper.text(label, 300, y, { width: 130, align: 'right' });
    paper.fillColor(INK).text(`${amount} ${invoice.currency}`, 435, y, { width: 100, align: 'right' });
    y += strong ? 22 : 17;
  };
  line('Net', toDecimal(invoice.netMinor));
  line('Taxes', toDecimal(invoice.taxMinor));
  paper
    .moveTo(330, y - 1)
    .lineTo(PAGE.right, y - 1)
    .lineWidth(0.8)
    .stroke(BRAND);
  y += 6;
  line('Total', toDecimal(invoice.totalMinor), true);
  line('Paid', toDecimal(invoice.paidMinor));
  if (invoice.refundedMinor !== 0n) line('Refunded', toDecimal(invoice.refundedMinor));
  return y;
}

/** A page holds some dozens of attempts; older ones are counted, not shown. */
const ENTRIES_MAX = 14;

function drawPayments(paper: Paper, invoice: Invoice, top: number): void {
  const entries = invoice.payments.flatMap((payment) => [
    {
      at: payment.createdAt,
      text: `${brandName(payment.cardBrand)} ending ${payment.cardLast4}`,
      note:
        payment.declineReason === null
          ? payment.result
          : `${payment.result}: ${words(payment.declineReason)}`,
      amount: toDecimal(payment.amountMinor),
    },
    ...payment.refunds.map((refund) => ({
      at: refund.createdAt,
      text: `Refund: ${refund.reason}`,
      note: refund.result,
      amount: `−${toDecimal(refund.amountMinor)}`,
    })),
  ]);
  if (entries.length === 0) return;
  paper.font('bold').fontSize(10).fillColor(BRAND).text('Payments', PAGE.left, top);
  let y = top + 18;
  const shown = entries.slice(-ENTRIES_MAX);
  for (const entry of shown) {
    paper.font('regular').fontSize(8.5).fillColor(MUTED);
    paper.text(dayAndTime(entry.at), PAGE.left, y, { width: 105 });
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

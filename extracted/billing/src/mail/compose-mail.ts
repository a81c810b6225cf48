import type { Compose, ComposedMail } from '@banyan/service-kit/mailer';
import type { BookingFacts, LookUpBooking } from '../booking/booking-facts.ts';
import type { InvoiceDocuments } from '../document/invoice-documents.ts';
import { type Invoice, numberOf } from '../domain/invoice.ts';
import { toDecimal } from '../domain/money.ts';
import type { BillingReads } from '../storage/port.ts';
import { MAIL_KINDS, type MailKind } from './kinds.ts';
import { type MailContent, renderMail } from './layout.ts';

export type ComposerParts = {
  readonly storage: Pick<BillingReads, 'findInvoiceOfBooking'>;
  readonly lookUpBooking: LookUpBooking;
  readonly documents: InvoiceDocuments;
};

/** Writes a queued mail from what is true now, the booking's part asked of its owner. */
export function createMailComposer({ storage, lookUpBooking, documents }: ComposerParts): Compose {
  return async ({ kind, data }) => {
    const known = MAIL_KINDS.find((each) => each === kind);
    if (!known) throw new Error('a queued mail is of a kind that is not known');
    const bookingId = BigInt(String(data.bookingId));
    const invoice = await storage.findInvoiceOfBooking(bookingId);
    // A cancellation may come before its invoice does; mails wait and are tried again.
    if (!invoice) throw new Error('the invoice that a mail speaks of is not here yet');
    const booking = await lookUpBooking(bookingId);
    return composeMail(known, BigInt(String(data.causeId)), { booking, invoice, documents });
  };
}

type MailData = {
  readonly booking: BookingFacts;
  readonly invoice: Invoice;
  readonly documents: InvoiceDocuments;
};

export async function composeMail(kind: MailKind, causeId: bigint, data: MailData): Promise<ComposedMail> {
  const recipient = data.booking.contactEmail;
  switch (kind) {
    case 'RECEIPT':
      return {
        ...renderMail(receiptContent(data, causeId)),
        recipient,
        attachments: [await attachment(data)],
      };
    case 'CANCELLATION':
      return { ...renderMail(cancellationContent(data)), recipient, attachments: [] };
    case 'REFUND':
      return {
        ...renderMail(refundContent(data, causeId)),
        recipient,
        attachments: [await attachment(data)],
      };
    default:
      return kind satisfies never;
  }
}

async function attachment({ invoice, documents }: MailData) {
  const { fileName, contentType, bytes } = await documents.render(invoice);
  return { filename: fileName, contentType, content: bytes };
}

function receiptContent({ booking, invoice }: MailData, paymentId: bigint): MailContent {
  const number = numberOf(invoice);
  const total = toDecimal(invoice.totalMinor);
  const payment = invoice.payments.find(({ id }) => id === paymentId);
  return {
    subject: `Receipt for invoice ${number}`,
    heading: 'We have received your payment',
    preview: `${total} ${invoice.currency} for booking ${booking.reference}.`,
    greeting: `Dear ${invoice.billTo},`,
    paragraphs: ['Thank you for your payment. The invoice is attached to this mail.'],
    facts: [
      ['Invoice', number],
      ['Booking reference', booking.reference],
      ['Amount', `${payment ? toDecimal(payment.amountMinor) : total} ${invoice.currency}`],
      ...(payment ? [['Card', `${payment.cardBrand} ending ${payment.cardLast4}`] as const] : []),
    ],
    closing: 'Please keep this receipt for your records.',
  };
}

function cancellationContent({ booking, invoice }: MailData): MailContent {
  const { reference } = booking;
  const refunds = invoice.payments.flatMap((payment) => payment.refunds);
  const due = refunds.filter(({ result }) => result !== 'FAILED').at(-1);
  const unpaid = invoice.status === 'VOID';
  return {
    subject: `Your booking ${reference} is cancelled`,
    heading: `Booking ${reference} is cancelled`,
    preview: `Flight ${booking.flightNumber} will leave without you.`,
    greeting: `Dear ${invoice.billTo},`,
    paragraphs: [
      'Your booking is cancelled as you asked, and your seats have been released.',
      unpaid
        ? 'You had not paid yet, so there is nothing left to do.'
        : due === undefined
          ? 'The conditions of your fare give nothing back.'
          : `${toDecimal(due.amountMinor)} ${due.currency} will be refunded to your card, following the conditions of your fare.`,
    ],
    facts: flightFacts(booking),
    closing: 'We hope to welcome you on board another time.',
  };
}

function refundContent({ booking, invoice }: MailData, refundId: bigint): MailContent {
  const payment = invoice.payments.find(({ refunds }) => refunds.some(({ id }) => id === refundId));
  const refund = payment?.refunds.find(({ id }) => id === refundId);
  if (!payment || !refund) throw new Error('a refund that a mail speaks of is gone');
  const amount = `${toDecimal(refund.amountMinor)} ${refund.currency}`;
  return {
    subject: `Refund of ${amount} for booking ${booking.reference}`,
    heading: 'Your refund is on its way',
    preview: `${amount} go back to your card.`,
    greeting: `Dear ${invoice.billTo},`,
    paragraphs: [`We have refunded ${amount} to your card. Your bank may take some days to show it.`],
    facts: [
      ['Invoice', numberOf(invoice)],
      ['Booking reference', booking.reference],
      ['Amount', amount],
      ['Card', `${payment.cardBrand} ending ${payment.cardLast4}`],
      ['Reason', refund.reason],
    ],
    closing: 'The invoice as it stands now is attached to this mail.',
  };
}

function flightFacts(booking: BookingFacts): (readonly [string, string])[] {
  return [
    ['Flight', booking.flightNumber],
    ['From', `${booking.originName} (${booking.originCode})`],
    ['To', `${booking.destinationName} (${booking.destinationCode})`],
    ['Departs', minuteOf(booking.departsAt)],
    ['Arrives', minuteOf(booking.arrivesAt)],
  ];
}

/** `2026-11-22 19:30 UTC`. */
function minuteOf(at: Date): string {
  return `${at.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

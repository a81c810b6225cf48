import { renderInvoice } from '../billing/pdf/invoice-document.ts';
import { itineraryCalendar } from '../bookings/itinerary.ts';
import { bookingReference, invoiceNumber } from '../bookings/reference.ts';
import { type MailContent, type RenderedMail, renderMail } from './layout.ts';
import type { MailData } from './mail-data.ts';
import type { MailKind } from './outgoing-mail.ts';
import { renderTicket } from './pdf/ticket-document.ts';

export type Attachment = { filename: string; contentType: string; content: Buffer };
export type ComposedMail = RenderedMail & { attachments: readonly Attachment[] };

/** Writes a queued mail from what is true now; null when it has lost its sense, with the reason. */
export async function composeMail(
  kind: MailKind,
  causeId: string,
  data: MailData,
): Promise<ComposedMail | { obsolete: string }> {
  switch (kind) {
    case 'E_TICKET': {
      // A ticket that arrives after the cancellation would be believed.
      if (data.itinerary.status !== 'CONFIRMED') return { obsolete: 'the booking is no longer confirmed' };
      return { ...renderMail(ticketContent(data)), attachments: await ticketAttachments(data) };
    }
    case 'RECEIPT':
      return { ...renderMail(receiptContent(data, causeId)), attachments: [await invoiceAttachment(data)] };
    case 'CANCELLATION':
      return { ...renderMail(cancellationContent(data)), attachments: [] };
    case 'REFUND':
      return { ...renderMail(refundContent(data, causeId)), attachments: [await invoiceAttachment(data)] };
    default:
      return kind satisfies never;
  }
}

async function ticketAttachments(data: MailData): Promise<Attachment[]> {
  const reference = bookingReference(data.itinerary.id);
  return [
    {
      filename: `e-ticket-${reference}.pdf`,
      contentType: 'application/pdf',
      content: await renderTicket(data),
    },
    {
      filename: `meridian-${reference}.ics`,
      contentType: 'text/calendar; charset=utf-8; method=PUBLISH',
      content: Buffer.from(itineraryCalendar(data.itinerary)),
    },
  ];
}

async function invoiceAttachment({ invoice }: MailData): Promise<Attachment> {
  return {
    filename: `${invoiceNumber(invoice.booking_id)}.pdf`,
    contentType: 'application/pdf',
    content: await renderInvoice(invoice),
  };
}

function ticketContent({ itinerary, passengers }: MailData): MailContent {
  const reference = bookingReference(itinerary.id);
  const route = `${itinerary.origin_code} to ${itinerary.destination_code}`;
  return {
    subject: `Your e-ticket ${reference}: ${itinerary.number} ${route}`,
    heading: `You are flying from ${itinerary.origin_code} to ${itinerary.destination_code}`,
    preview: `Booking ${reference} is confirmed.`,
    greeting: 'Thank you for flying with Meridian Air.',
    paragraphs: ['Your booking is confirmed. Your e-ticket and a calendar entry are attached to this mail.'],
    facts: [
      ['Booking reference', reference],
      ...flightFacts(itinerary),
      ...passengers.map(
        ({ first_name, last_name, seat }) =>
          [`${first_name} ${last_name}`, seat === null ? 'seat at check-in' : `seat ${seat}`] as const,
      ),
    ],
    closing: 'Please be at the gate 30 minutes before departure. Have a pleasant flight!',
  };
}

function receiptContent({ itinerary, invoice }: MailData, paymentId: string): MailContent {
  const number = invoiceNumber(invoice.booking_id);
  const payment = invoice.payments.find(({ id }) => id === paymentId);
  return {
    subject: `Receipt for invoice ${number}`,
    heading: 'We have received your payment',
    preview: `${invoice.total} ${invoice.currency} for booking ${bookingReference(itinerary.id)}.`,
    greeting: `Dear ${invoice.bill_to},`,
    paragraphs: ['Thank you for your payment. The invoice is attached to this mail.'],
    facts: [
      ['Invoice', number],
      ['Booking reference', bookingReference(itinerary.id)],
      ['Amount', `${payment?.amount ?? invoice.total} ${invoice.currency}`],
      ...(payment ? [['Card', `${payment.card_brand} ending ${payment.card_last4}`] as const] : []),
    ],
    closing: 'Please keep this receipt for your records.',
  };
}

function cancellationContent({ itinerary, invoice }: MailData): MailContent {
  const reference = bookingReference(itinerary.id);
  const refunds = invoice.payments.flatMap((payment) => payment.refunds);
  const due = refunds.filter(({ result }) => result !== 'FAILED').at(-1);
  const unpaid = invoice.status === 'VOID';
  return {
    subject: `Your booking ${reference} is cancelled`,
    heading: `Booking ${reference} is cancelled`,
    preview: `Flight ${itinerary.number} will leave without you.`,
    greeting: `Dear ${invoice.bill_to},`,
    paragraphs: [
      'Your booking is cancelled as you asked, and your seats have been released.',
      unpaid
        ? 'You had not paid yet, so there is nothing left to do.'
        : due === undefined
          ? 'The conditions of your fare give nothing back.'
          : `${due.amount} ${due.currency} will be refunded to your card, following the conditions of your fare.`,
    ],
    facts: flightFacts(itinerary),
    closing: 'We hope to welcome you on board another time.',
  };
}

function refundContent({ itinerary, invoice }: MailData, refundId: string): MailContent {
  const payment = invoice.payments.find(({ refunds }) => refunds.some(({ id }) => id === refundId));
  const refund = payment?.refunds.find(({ id }) => id === refundId);
  if (!payment || !refund) throw new Error('a refund that a mail speaks of is gone');
  return {
    subject: `Refund of ${refund.amount} ${refund.currency} for booking ${bookingReference(itinerary.id)}`,
    heading: 'Your refund is on its way',
    preview: `${refund.amount} ${refund.currency} go back to your card.`,
    greeting: `Dear ${invoice.bill_to},`,
    paragraphs: [
      `We have refunded ${refund.amount} ${refund.currency} to your card. Your bank may take some days to show it.`,
    ],
    facts: [
      ['Invoice', invoiceNumber(invoice.booking_id)],
      ['Booking reference', bookingReference(itinerary.id)],
      ['Amount', `${refund.amount} ${refund.currency}`],
      ['Card', `${payment.card_brand} ending ${payment.card_last4}`],
      ['Reason', refund.reason],
    ],
    closing: 'The invoice as it stands now is attached to this mail.',
  };
}

function flightFacts(itinerary: MailData['itinerary']): (readonly [string, string])[] {
  return [
    ['Flight', itinerary.number],
    ['From', `${itinerary.origin_name} (${itinerary.origin_code})`],
    ['To', `${itinerary.destination_name} (${itinerary.destination_code})`],
    ['Departs', `${itinerary.departs_at.slice(0, 16)} UTC`],
    ['Arrives', `${itinerary.arrives_at.slice(0, 16)} UTC`],
  ];
}

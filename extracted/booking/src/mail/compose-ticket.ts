import type { ComposedMail, QueuedMail } from '@banyan/service-kit/mailer';
import { itineraryCalendar, itineraryFileName } from '../document/itinerary.ts';
import { renderTicket } from '../document/ticket.ts';
import type { BookedFlight, Booking } from '../domain/booking.ts';
import { bookingReference } from '../domain/reference.ts';
import { type MailContent, renderMail } from './layout.ts';

export const MAIL_FROM = 'Meridian Air <service@meridian.example>';

/** Writes a queued mail from what is true now, or says why it has lost its sense. */
export async function composeTicket(
  mail: Pick<QueuedMail, 'data'>,
  findBooking: (id: bigint) => Promise<Booking | null>,
): Promise<ComposedMail | { readonly obsolete: string }> {
  const booking = await findBooking(BigInt(String(mail.data.booking_id)));
  if (!booking) return { obsolete: 'the booking is gone' };
  // A ticket that arrives after the cancellation would be believed.
  if (booking.status !== 'CONFIRMED') return { obsolete: 'the booking is no longer confirmed' };
  const attachments = [
    {
      filename: `e-ticket-${bookingReference(booking.id)}.pdf`,
      contentType: 'application/pdf',
      content: await renderTicket(booking),
    },
    {
      filename: itineraryFileName(booking),
      contentType: 'text/calendar; charset=utf-8; method=PUBLISH',
      content: Buffer.from(itineraryCalendar(booking)),
    },
  ];
  return { ...renderMail(contentOf(booking)), attachments };
}

function contentOf({ id, flight, passengers }: Booking): MailContent {
  const reference = bookingReference(id);
  return {
    subject: `Your e-ticket ${reference}: ${flight.number} ${flight.origin} to ${flight.destination}`,
    heading: `You are flying from ${flight.origin} to ${flight.destination}`,
    preview: `Booking ${reference} is confirmed.`,
    greeting: 'Thank you for flying with Meridian Air.',
    paragraphs: ['Your booking is confirmed. Your e-ticket and a calendar entry are attached to this mail.'],
    facts: [
      ['Booking reference', reference],
      ...flightFacts(flight),
      ...passengers.map(
        ({ firstName, lastName, seat }) =>
          [`${firstName} ${lastName}`, seat === null ? 'seat at check-in' : `seat ${seat}`] as const,
      ),
    ],
    closing: 'Please be at the gate 30 minutes before departure. Have a pleasant flight!',
  };
}

export function flightFacts(flight: BookedFlight): (readonly [string, string])[] {
  return [
    ['Flight', flight.number],
    ['From', `${flight.originName} (${flight.origin})`],
    ['To', `${flight.destinationName} (${flight.destination})`],
    ['Departs', `${minute(flight.departsAt)} UTC`],
    ['Arrives', `${minute(flight.arrivesAt)} UTC`],
  ];
}

/** As in `2026-11-22 19:30`. */
function minute(at: Date): string {
  return at.toISOString().slice(0, 16).replace('T', ' ');
}

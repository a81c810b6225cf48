import type { ComposedMail, QueuedMail } from '@banyan/service-kit/mailer';
import { type Booking, isActive } from '../domain/booking.ts';
import { bookingReference } from '../domain/reference.ts';
import { flightFacts } from './compose-ticket.ts';
import { renderMail } from './layout.ts';

export const NOTICE_KIND = 'NOTICE';

/** Writes what an agent tells everybody on a flight, to one of them. */
export async function composeNotice(
  { data }: Pick<QueuedMail, 'data'>,
  findBooking: (id: bigint) => Promise<Booking | null>,
): Promise<ComposedMail | { readonly obsolete: string }> {
  const booking = await findBooking(BigInt(String(data.booking_id)));
  if (!booking || !isActive(booking.status)) return { obsolete: 'the booking is no longer active' };
  const { flight } = booking;
  const reference = bookingReference(booking.id);
  const subject = String(data.subject);
  return renderMail({
    subject: `${flight.number}: ${subject}`,
    heading: subject,
    preview: `About your flight ${flight.number}, booking ${reference}.`,
    greeting: `This is about your flight from ${flight.origin} to ${flight.destination}.`,
    paragraphs: String(data.text)
      .split('\n')
      .filter((line) => line.trim() !== ''),
    facts: [['Booking reference', reference], ...flightFacts(flight)],
    closing: 'Thank you for flying with Meridian Air.',
  });
}

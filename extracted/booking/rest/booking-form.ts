import { setTimeout as pause } from 'node:timers/promises';
import type {
  Booking,
  BookingServiceClient,
  CreateBookingResponse,
  NewPassenger,
} from '@banyan/contracts/booking/v1/booking';
import {
  type Identity,
  required,
  type ServiceCalls,
  ServiceRefusal,
  type TranslationContext,
  type TranslationRequest,
} from '@banyan/gateway/carve-out';
import { Refusal } from '@meridian/habits/refusal';
import type { NewBooking } from './new-booking.ts';

/** How the site's own script says which form its call comes from. Other clients send none. */
const FORM_ID_HEADER = 'X-Form-Id';
const FORM_ID = /^[\w.-]{1,64}$/;

/** While the same form is being sent by another call, that one's end is waited for. */
const IN_USE_PAUSE_MS = 100;

/** The form's id of a call, nothing where there is none, or the 400. */
export function formIdOf(request: Pick<TranslationRequest, 'headers'>): string | undefined {
  const id = request.headers.get(FORM_ID_HEADER.toLowerCase());
  if (id === undefined) return undefined;
  if (!FORM_ID.test(id)) throw new Refusal('bad_request', `${FORM_ID_HEADER} is not valid.`);
  return id;
}

/** A form is its sender's and its flight's: another's of the same id makes a booking of its own. */
export function formKey(formId: string, identity: Pick<Identity, 'account'>, flightId: bigint): string {
  return `form/${identity.account}/${flightId}/${formId}`;
}

type Service = Pick<ServiceCalls<BookingServiceClient>, 'createBooking' | 'getBooking'>;

/**
 * The booking of a form: made now, or made before and as it stands now. A form whose other fields were changed
 * meanwhile finds its booking all the same; one with passengers of other names wants another one, and is refused.
 */
export async function bookOnce(
  service: Service,
  wanted: NewBooking,
  idempotencyKey: string,
  { signal }: Pick<TranslationContext, 'signal'>,
): Promise<CreateBookingResponse> {
  // The form's key is the gateway's own: nobody is told that it was used before.
  const of = (booking: Booking): CreateBookingResponse => ({ booking, replayed: false });
  for (;;) {
    try {
      const { booking, replayed } = await service.createBooking({ ...wanted, idempotencyKey });
      const made = required(booking, 'booking');
      return of(replayed ? await current(service, made.id) : made);
    } catch (error) {
      if (!(error instanceof ServiceRefusal)) throw error;
      if (error.reason === 'IDEMPOTENCY_KEY_REUSED') {
        return of(sameParty(await current(service, bookingIdOf(error)), wanted.passengers));
      }
      if (error.reason !== 'IDEMPOTENCY_KEY_IN_USE') throw error;
      await pause(IN_USE_PAUSE_MS, undefined, { signal });
    }
  }
}

async function current(service: Service, bookingId: bigint): Promise<Booking> {
  return required((await service.getBooking({ bookingId })).booking, 'booking');
}

function bookingIdOf({ metadata }: ServiceRefusal): bigint {
  const id = required(metadata.booking_id, 'booking_id');
  return BigInt(id);
}

function sameParty(made: Booking, wanted: readonly NewPassenger[]): Booking {
  if (namesOf(made.passengers) === namesOf(wanted)) return made;
  const message = `This form has already made booking ${made.reference}, for other passengers.`;
  throw new Refusal('conflict', message);
}

function namesOf(passengers: readonly { readonly firstName: string; readonly lastName: string }[]): string {
  return passengers
    .map(({ firstName, lastName }) => `${firstName.trim()} ${lastName.trim()}`.toLowerCase())
    .join('\n');
}

import type { Title } from './booking.ts';
import {
  checkEmail,
  checkFrequentFlyer,
  checkLine,
  checkRequiredLine,
  checkSeat,
  checkText,
  createFaultList,
  type FaultList,
  NAME_LENGTH_MAX,
  NOTE_LENGTH_MAX,
  PHONE_LENGTH_MAX,
  type Seating,
} from './field-rules.ts';
import type { FareClass } from './price.ts';

/** A choice that the request makes; 'unknown' stands for a value of a newer contract. */
export type Choice<T> = T | 'unknown';

export type WantedPassenger = {
  readonly title: Choice<Title> | null;
  readonly firstName: string | null;
  readonly lastName: string | null;
  readonly seat: string | null;
  readonly infant: boolean;
  readonly specialAssistance: boolean;
  readonly frequentFlyerNumber: string | null;
};

/** A booking as it is asked for: empty strings are null, nothing else is known of it. */
export type WantedBooking = {
  readonly flightId: bigint;
  readonly fareClass: Choice<FareClass>;
  readonly passengers: readonly WantedPassenger[];
  readonly contactEmail: string | null;
  readonly contactPhone: string | null;
  readonly note: string | null;
  /** An agent's to give; null for the caller's own. */
  readonly accountId: bigint | null;
};

export type NewPassenger = WantedPassenger & {
  readonly title: Title | null;
  readonly firstName: string;
  readonly lastName: string;
};

/** A booking that breaks no rule. */
export type NewBooking = WantedBooking & {
  readonly fareClass: FareClass;
  readonly passengers: readonly NewPassenger[];
  readonly contactEmail: string;
};

const PASSENGERS_MAX = 9;

/** Refuses all that is wrong at once, in the order of the fields. */
export function checkNewBooking(
  wanted: WantedBooking,
  { seating, isAccountKnown }: { readonly seating: Seating; readonly isAccountKnown: boolean },
): NewBooking {
  const faults = createFaultList();
  if (wanted.fareClass === 'unknown') faults.note('fare_class', 'choice');
  checkPassengers(wanted.passengers, seating, faults);
  checkEmail(wanted.contactEmail, 'contact.email', faults);
  checkLine(wanted.contactPhone, 'contact.phone', PHONE_LENGTH_MAX, faults);
  checkText(wanted.note, 'note', NOTE_LENGTH_MAX, faults);
  if (!isAccountKnown) faults.note('account_id', 'not_found');
  faults.refuse();
  return wanted as NewBooking;
}

function checkPassengers(passengers: readonly WantedPassenger[], seating: Seating, faults: FaultList): void {
  if (passengers.length === 0 || passengers.length > PASSENGERS_MAX) {
    faults.note('passengers', 'count', { min: '1', max: String(PASSENGERS_MAX) });
    return;
  }
  const before = faults.count();
  const given = new Set<string>();
  for (const [index, passenger] of passengers.entries()) {
    checkPassenger(passenger, `passengers[${index}]`, { ...seating, given }, faults);
  }
  // Who is an infant counts only where nothing is wrong with any.
  if (faults.count() > before) return;
  const infants = passengers.filter(({ infant }) => infant).length;
  if (infants === passengers.length) faults.note('passengers', 'no_adult');
  else if (infants > passengers.length - infants) faults.note('passengers', 'too_many_infants');
}

function checkPassenger(
  passenger: WantedPassenger,
  field: string,
  seating: Seating & { readonly given: Set<string> },
  faults: FaultList,
): void {
  if (passenger.title === 'unknown') faults.note(`${field}.title`, 'choice');
  checkRequiredLine(passenger.firstName, `${field}.first_name`, NAME_LENGTH_MAX, faults);
  checkRequiredLine(passenger.lastName, `${field}.last_name`, NAME_LENGTH_MAX, faults);
  const before = faults.count();
  checkSeat(passenger.seat, `${field}.seat`, seating, faults);
  if (passenger.infant && passenger.seat !== null && faults.count() === before) {
    faults.note(`${field}.seat`, 'infant_without_seat');
  }
  checkFrequentFlyer(passenger.frequentFlyerNumber, `${field}.frequent_flyer_number`, faults);
}

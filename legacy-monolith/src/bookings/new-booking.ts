import type { Fields } from '../http/body.ts';
import { invalidField } from '../http/refusal.ts';
import { createFaultList, type FaultList } from './fault-list.ts';
import {
  asObject,
  type Cabin,
  fault,
  isAbsent,
  NAME_LENGTH_MAX,
  NOTE_LENGTH_MAX,
  optionalChoice,
  optionalFrequentFlyerNo,
  optionalId,
  optionalLine,
  optionalSeat,
  optionalText,
  PHONE_LENGTH_MAX,
  requiredEmail,
  requiredId,
  requiredLine,
  TITLES,
  type Title,
  type YesNo,
  yesNo,
} from './field-rules.ts';
import { FARE_CLASSES, type FareClass } from './price.ts';

const PASSENGERS_MAX = 9;

export type NewPassenger = {
  title: Title | null;
  firstName: string;
  lastName: string;
  seat: string | null;
  infant: YesNo;
  specialAssistance: YesNo;
  frequentFlyerNo: string | null;
};

export type NewBooking = {
  flightId: string;
  fareClass: FareClass;
  passengers: readonly NewPassenger[];
  contactEmail: string;
  contactPhone: string | null;
  note: string | null;
  accountId: string | null;
};

/** What the rules ask of the stored data. */
export type NewBookingFacts = {
  cabinOf(flightId: string): Promise<Cabin | null>;
  accountExists(accountId: string): Promise<boolean>;
};

/**
 * Reads a new booking, field by field in documented order; throws the 422 of the first fault, with all of them.
 * `account_id` is an agent's to give, of others it is ignored.
 */
export async function parseNewBooking(
  body: Fields,
  byAgent: boolean,
  facts: NewBookingFacts,
): Promise<NewBooking> {
  const { values } = body;
  const flightId = requiredId(values.flight_id, 'flight_id');
  const cabin = await facts.cabinOf(flightId);
  if (cabin === null) throw invalidField('flight_id', 'flight_id: no such flight');
  const faults = createFaultList();
  const fareClass = faults.read(() => optionalChoice(values.fare_class, 'fare_class', FARE_CLASSES));
  const given = body.kind === 'form' ? passengersOfForm(values) : values.passengers;
  const passengers = faults.read(() => parsePassengers(given, cabin, faults));
  const contactEmail = faults.read(() => requiredEmail(values.contact_email, 'contact_email'));
  const contactPhone = faults.read(() =>
    optionalLine(values.contact_phone, 'contact_phone', PHONE_LENGTH_MAX),
  );
  const note = faults.read(() => optionalText(values.note, 'note', NOTE_LENGTH_MAX));
  const accountId = byAgent ? faults.read(() => optionalId(values.account_id, 'account_id')) : null;
  if (accountId && !(await facts.accountExists(accountId))) {
    faults.note(invalidField('account_id', 'account_id: no such account'));
  }
  faults.refuse();
  return {
    flightId,
    fareClass: fareClass ?? 'CLASSIC',
    passengers,
    contactEmail,
    contactPhone,
    note,
    accountId,
  };
}

/** Faults of single passengers are noted; one of the list as a whole is thrown. */
function parsePassengers(value: unknown, cabin: Cabin, faults: FaultList): NewPassenger[] {
  if (isAbsent(value)) throw fault('passengers', 'is required');
  if (!Array.isArray(value)) throw fault('passengers', 'must be a list');
  if (value.length < 1 || value.length > PASSENGERS_MAX) throw fault('passengers', 'must be 1 to 9');
  const seats = new Set<string>();
  const before = faults.count();
  const passengers = value.map((each, index) =>
    faults.read(() => parsePassenger(each, `passengers[${index}]`, cabin, seats, faults)),
  );
  // Who is an infant is known of all only where nothing is wrong with any.
  if (faults.count() > before) return passengers;
  const infants = passengers.filter(({ infant }) => infant === 'Y').length;
  if (infants === passengers.length)
    throw invalidField('passengers', 'passengers: one at least must be no infant');
  if (infants > passengers.length - infants) {
    throw invalidField('passengers', 'passengers: there are more infants than others');
  }
  return passengers;
}

function parsePassenger(
  value: unknown,
  path: string,
  cabin: Cabin,
  seats: Set<string>,
  faults: FaultList,
): NewPassenger {
  const fields = asObject(value, path);
  const title = faults.read(() => optionalChoice(fields.title, `${path}.title`, TITLES));
  const firstName = faults.read(() => requiredLine(fields.first_name, `${path}.first_name`, NAME_LENGTH_MAX));
  const lastName = faults.read(() => requiredLine(fields.last_name, `${path}.last_name`, NAME_LENGTH_MAX));
  const seat = faults.read(() => optionalSeat(fields.seat, `${path}.seat`, cabin, seats));
  const infant = faults.read(() => yesNo(fields.infant, `${path}.infant`));
  if (infant === 'Y' && seat) {
    faults.note(invalidField(`${path}.seat`, `${path}.seat: an infant holds no seat`));
  }
  const specialAssistance = faults.read(() => yesNo(fields.special_assistance, `${path}.special_assistance`));
  const frequentFlyerNo = faults.read(() =>
    optionalFrequentFlyerNo(fields.frequent_flyer_no, `${path}.frequent_flyer_no`),
  );
  return { title, firstName, lastName, seat, infant, specialAssistance, frequentFlyerNo };
}

const PASSENGER_FIELDS = [
  'title',
  'first_name',
  'last_name',
  'seat',
  'infant',
  'special_assistance',
  'frequent_flyer_no',
];

/** `passenger_1_first_name` … `passenger_9_…`, up to the first number of which the form has no field. */
function passengersOfForm(values: Fields['values']): Record<string, unknown>[] {
  const passengers: Record<string, unknown>[] = [];
  for (let number = 1; number <= PASSENGERS_MAX; number += 1) {
    const names = PASSENGER_FIELDS.filter((field) => `passenger_${number}_${field}` in values);
    if (names.length === 0) break;
    passengers.push(
      Object.fromEntries(names.map((field) => [field, values[`passenger_${number}_${field}`]])),
    );
  }
  return passengers;
}

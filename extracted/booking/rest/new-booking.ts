import type { Cabin, CreateBookingRequest, NewPassenger } from '@banyan/contracts/booking/v1/booking';
import type { Fields } from '@meridian/habits/body';
import { Refusal } from '@meridian/habits/refusal';
import {
  asObject,
  FARE_CLASSES,
  fault,
  isAbsent,
  misfit,
  NAME_LENGTH_MAX,
  NOTE_LENGTH_MAX,
  optionalChoice,
  optionalFrequentFlyerNumber,
  optionalId,
  optionalLine,
  optionalSeat,
  optionalText,
  PHONE_LENGTH_MAX,
  requiredEmail,
  requiredId,
  requiredLine,
  TITLES,
  yesNo,
} from './field-rules.ts';

const PASSENGERS_MAX = 9;

export type NewBooking = Omit<CreateBookingRequest, 'idempotencyKey'>;

/**
 * The body of createBooking; refuses with its first fault. `account_id` is an agent's to give, of others it is
 * ignored. What only the stored data tell, the service says when it is asked for the booking. Where the body has a
 * fault of its own it is asked for the cabin first: an unknown flight, or a seat that is not there, may come before.
 */
export async function readNewBooking(
  body: Fields,
  byAgent: boolean,
  cabinOf: (flightId: bigint) => Promise<Cabin>,
): Promise<NewBooking> {
  const flightId = requiredId(body.values.flight_id, 'flight_id');
  try {
    return parseNewBooking(body, flightId, byAgent, undefined);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return parseNewBooking(body, flightId, byAgent, await cabinOf(flightId));
  }
}

function parseNewBooking(
  body: Fields,
  flightId: bigint,
  byAgent: boolean,
  cabin: Cabin | undefined,
): NewBooking {
  const { values } = body;
  const fareClass = optionalChoice(values.fare_class, 'fare_class', FARE_CLASSES) ?? 'CLASSIC';
  const given = body.kind === 'form' ? passengersOfForm(values) : values.passengers;
  const passengers = parsePassengers(given, cabin);
  const email = requiredEmail(values.contact_email, 'contact_email');
  const phone = optionalLine(values.contact_phone, 'contact_phone', PHONE_LENGTH_MAX);
  const note = optionalText(values.note, 'note', NOTE_LENGTH_MAX);
  const accountId = byAgent ? optionalId(values.account_id, 'account_id') : undefined;
  return {
    flightId,
    fareClass: `FARE_CLASS_${fareClass}`,
    passengers,
    contact: { email, phone },
    note,
    accountId,
  };
}

function parsePassengers(value: unknown, cabin: Cabin | undefined): NewPassenger[] {
  if (isAbsent(value)) throw fault('passengers', 'is required');
  if (!Array.isArray(value)) throw fault('passengers', 'must be a list');
  if (value.length < 1 || value.length > PASSENGERS_MAX) throw fault('passengers', 'must be 1 to 9');
  const seats = new Set<string>();
  const passengers = value.map((each, index) => parsePassenger(each, `passengers[${index}]`, cabin, seats));
  const infants = passengers.filter(({ infant }) => infant).length;
  if (infants === passengers.length) throw misfit('passengers', 'one at least must be no infant');
  if (infants > passengers.length - infants) throw misfit('passengers', 'there are more infants than others');
  return passengers;
}

function parsePassenger(
  value: unknown,
  path: string,
  cabin: Cabin | undefined,
  seats: Set<string>,
): NewPassenger {
  const fields = asObject(value, path);
  const title = optionalChoice(fields.title, `${path}.title`, TITLES) ?? 'UNSPECIFIED';
  const firstName = requiredLine(fields.first_name, `${path}.first_name`, NAME_LENGTH_MAX);
  const lastName = requiredLine(fields.last_name, `${path}.last_name`, NAME_LENGTH_MAX);
  const seat = optionalSeat(fields.seat, `${path}.seat`, cabin, seats);
  const infant = yesNo(fields.infant, `${path}.infant`);
  if (infant && seat !== undefined) throw misfit(`${path}.seat`, 'an infant holds no seat');
  const specialAssistance = yesNo(fields.special_assistance, `${path}.special_assistance`);
  const frequentFlyerNumber = optionalFrequentFlyerNumber(
    fields.frequent_flyer_no,
    `${path}.frequent_flyer_no`,
  );
  return {
    title: `TITLE_${title}`,
    firstName,
    lastName,
    seat,
    infant,
    specialAssistance,
    frequentFlyerNumber,
  };
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

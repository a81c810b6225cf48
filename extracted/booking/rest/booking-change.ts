import type {
  Cabin,
  Passenger,
  PassengerChange,
  UpdateBookingRequest,
} from '@banyan/contracts/booking/v1/booking';
import type { Fields } from '@meridian/habits/body';
import { Refusal } from '@meridian/habits/refusal';
import {
  asObject,
  fault,
  isAbsent,
  misfit,
  NOTE_LENGTH_MAX,
  optionalFrequentFlyerNumber,
  optionalLine,
  optionalSeat,
  optionalText,
  PHONE_LENGTH_MAX,
  requiredEmail,
  requiredId,
  yesNo,
} from './field-rules.ts';

export type BookingChange = Pick<UpdateBookingRequest, 'contact' | 'note' | 'passengers' | 'updateMask'>;

/**
 * The body of updateBooking, held against who is booked and the cabin they sit in; refuses with its first fault.
 * `isKeyed`: it may have been carried out when the flight had another aircraft, so of seats that the cabin does not
 * have the service is asked, for it to refuse.
 */
export function readBookingChange(
  body: Fields,
  booked: readonly Passenger[],
  cabin: Cabin,
  isKeyed: boolean,
): BookingChange {
  if (!isKeyed) return parseBookingChange(body, booked, cabin);
  try {
    return parseBookingChange(body, booked, undefined);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return parseBookingChange(body, booked, cabin);
  }
}

function parseBookingChange(
  body: Fields,
  booked: readonly Passenger[],
  cabin: Cabin | undefined,
): BookingChange {
  const { values } = body;
  const updateMask: string[] = [];
  const named = <Value>(name: string, path: string, rule: (value: unknown) => Value): Value | undefined => {
    if (!Object.hasOwn(values, name)) return undefined;
    updateMask.push(path);
    return rule(values[name]);
  };
  const email = named('contact_email', 'contact.email', (value) => requiredEmail(value, 'contact_email'));
  const phone = named('contact_phone', 'contact.phone', (value) =>
    optionalLine(value, 'contact_phone', PHONE_LENGTH_MAX),
  );
  const note = named('note', 'note', (value) => optionalText(value, 'note', NOTE_LENGTH_MAX));
  const passengers = body.kind === 'form' ? passengersOfForm(values) : values.passengers;
  return {
    contact: { email: email ?? '', phone },
    note,
    passengers: parsePassengers(passengers, booked, cabin),
    updateMask,
  };
}

function parsePassengers(
  value: unknown,
  booked: readonly Passenger[],
  cabin: Cabin | undefined,
): PassengerChange[] {
  if (isAbsent(value)) return [];
  if (!Array.isArray(value)) throw fault('passengers', 'must be a list');
  const seats = new Set<string>();
  const ids = new Set<bigint>();
  return value.map((each, index) => {
    const path = `passengers[${index}]`;
    const fields = asObject(each, path);
    const id = requiredId(fields.id, `${path}.id`);
    const passenger = booked.find((other) => other.id === id);
    if (passenger === undefined) throw misfit(`${path}.id`, 'no such passenger');
    if (ids.has(id)) throw misfit(`${path}.id`, `passenger ${id} is given twice`);
    ids.add(id);
    return parsePassenger(fields, passenger, path, { cabin, seats });
  });
}

function parsePassenger(
  fields: Record<string, unknown>,
  { id, infant }: Passenger,
  path: string,
  { cabin, seats }: { cabin: Cabin | undefined; seats: Set<string> },
): PassengerChange {
  const updateMask: string[] = [];
  let seat: string | undefined;
  let specialAssistance = false;
  let frequentFlyerNumber: string | undefined;
  if (Object.hasOwn(fields, 'seat')) {
    updateMask.push('seat');
    seat = optionalSeat(fields.seat, `${path}.seat`, cabin, seats);
    if (infant && seat !== undefined) throw misfit(`${path}.seat`, 'an infant holds no seat');
  }
  if (Object.hasOwn(fields, 'special_assistance')) {
    updateMask.push('special_assistance');
    specialAssistance = yesNo(fields.special_assistance, `${path}.special_assistance`);
  }
  if (Object.hasOwn(fields, 'frequent_flyer_no')) {
    updateMask.push('frequent_flyer_number');
    frequentFlyerNumber = optionalFrequentFlyerNumber(fields.frequent_flyer_no, `${path}.frequent_flyer_no`);
  }
  return { passengerId: id, seat, specialAssistance, frequentFlyerNumber, updateMask };
}

const FORM_FIELD = /^passenger_(\d{1,18})_(seat|special_assistance|frequent_flyer_no)$/;

/** `passenger_61_seat` and so on; the passengers in the order in which the form first names them. */
function passengersOfForm(values: Fields['values']): Record<string, unknown>[] {
  const byId = new Map<string, Record<string, unknown>>();
  for (const [name, value] of Object.entries(values)) {
    const [, id, field] = FORM_FIELD.exec(name) ?? [];
    if (id === undefined || field === undefined) continue;
    const fields = byId.get(id) ?? { id };
    fields[field] = value;
    byId.set(id, fields);
  }
  return [...byId.values()];
}

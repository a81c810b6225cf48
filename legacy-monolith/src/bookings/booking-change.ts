import type { Fields } from '../http/body.ts';
import { invalidField } from '../http/refusal.ts';
import { createFaultList, type FaultList } from './fault-list.ts';
import {
  asObject,
  type Cabin,
  fault,
  isAbsent,
  NOTE_LENGTH_MAX,
  optionalFrequentFlyerNo,
  optionalLine,
  optionalSeat,
  optionalText,
  PHONE_LENGTH_MAX,
  requiredEmail,
  requiredId,
  type YesNo,
  yesNo,
} from './field-rules.ts';

/** Only what the request names is there; null means: clear it. */
export type PassengerChange = {
  id: string;
  seat?: string | null;
  specialAssistance?: YesNo;
  frequentFlyerNo?: string | null;
};

export type BookingChange = {
  contactEmail?: string;
  contactPhone?: string | null;
  note?: string | null;
  passengers: readonly PassengerChange[];
};

export type BookedPassenger = { id: string; infant: YesNo };

/** Reads a change of a booking, in documented order; throws the 422 of the first fault, with all of them. */
export function parseBookingChange(
  body: Fields,
  booked: readonly BookedPassenger[],
  cabin: Cabin,
): BookingChange {
  const { values } = body;
  const faults = createFaultList();
  const change: BookingChange = { passengers: [] };
  if (Object.hasOwn(values, 'contact_email')) {
    change.contactEmail = faults.read(() => requiredEmail(values.contact_email, 'contact_email'));
  }
  if (Object.hasOwn(values, 'contact_phone')) {
    change.contactPhone = faults.read(() =>
      optionalLine(values.contact_phone, 'contact_phone', PHONE_LENGTH_MAX),
    );
  }
  if (Object.hasOwn(values, 'note')) {
    change.note = faults.read(() => optionalText(values.note, 'note', NOTE_LENGTH_MAX));
  }
  const passengers = body.kind === 'form' ? passengersOfForm(values) : values.passengers;
  change.passengers = faults.read(() => parsePassengers(passengers, booked, cabin, faults));
  faults.refuse();
  return change;
}

/** Faults of single passengers are noted; one of the list as a whole is thrown. */
function parsePassengers(
  value: unknown,
  booked: readonly BookedPassenger[],
  cabin: Cabin,
  faults: FaultList,
): PassengerChange[] {
  if (isAbsent(value)) return [];
  if (!Array.isArray(value)) throw fault('passengers', 'must be a list');
  const seats = new Set<string>();
  const ids = new Set<string>();
  return value.map((each, index) =>
    faults.read(() => {
      const path = `passengers[${index}]`;
      const fields = asObject(each, path);
      const id = requiredId(fields.id, `${path}.id`);
      const passenger = booked.find((other) => other.id === id);
      if (!passenger) throw invalidField(`${path}.id`, `${path}.id: no such passenger`);
      if (ids.has(id)) throw invalidField(`${path}.id`, `${path}.id: passenger ${id} is given twice`);
      ids.add(id);
      return parsePassenger(fields, passenger, path, { cabin, seats }, faults);
    }),
  );
}

function parsePassenger(
  fields: Record<string, unknown>,
  { id, infant }: BookedPassenger,
  path: string,
  { cabin, seats }: { cabin: Cabin; seats: Set<string> },
  faults: FaultList,
): PassengerChange {
  const change: PassengerChange = { id };
  if (Object.hasOwn(fields, 'seat')) {
    change.seat = faults.read(() => optionalSeat(fields.seat, `${path}.seat`, cabin, seats));
    if (infant === 'Y' && change.seat) {
      faults.note(invalidField(`${path}.seat`, `${path}.seat: an infant holds no seat`));
    }
  }
  if (Object.hasOwn(fields, 'special_assistance')) {
    change.specialAssistance = faults.read(() =>
      yesNo(fields.special_assistance, `${path}.special_assistance`),
    );
  }
  if (Object.hasOwn(fields, 'frequent_flyer_no')) {
    change.frequentFlyerNo = faults.read(() =>
      optionalFrequentFlyerNo(fields.frequent_flyer_no, `${path}.frequent_flyer_no`),
    );
  }
  return change;
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

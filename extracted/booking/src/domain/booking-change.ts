import type { Booking, Passenger } from './booking.ts';
import {
  checkEmail,
  checkFrequentFlyer,
  checkLine,
  checkSeat,
  checkText,
  createFaultList,
  type FaultList,
  NOTE_LENGTH_MAX,
  PHONE_LENGTH_MAX,
} from './field-rules.ts';

/** Only what is to change is there; null means: clear it. */
export type PassengerChange = {
  readonly passengerId: bigint;
  readonly seat?: string | null;
  readonly specialAssistance?: boolean;
  readonly frequentFlyerNumber?: string | null;
};

export type BookingChange = {
  readonly contactEmail?: string | null;
  readonly contactPhone?: string | null;
  readonly note?: string | null;
  readonly passengers: readonly PassengerChange[];
};

/** Refuses all that is wrong with a change at once, in the order of the fields. */
export function checkBookingChange(change: BookingChange, { flight, passengers }: Booking): void {
  const faults = createFaultList();
  if (change.contactEmail !== undefined) checkEmail(change.contactEmail, 'contact.email', faults);
  checkLine(change.contactPhone ?? null, 'contact.phone', PHONE_LENGTH_MAX, faults);
  checkText(change.note ?? null, 'note', NOTE_LENGTH_MAX, faults);
  const ids = new Set<bigint>();
  const seating = { cabin: flight.cabin, aircraft: flight.aircraft, given: new Set<string>() };
  for (const [index, each] of change.passengers.entries()) {
    const field = `passengers[${index}]`;
    const passenger = passengers.find(({ id }) => id === each.passengerId);
    const id = { passenger_id: String(each.passengerId) };
    if (!passenger) {
      faults.note(`${field}.passenger_id`, 'passenger_unknown', id);
      continue;
    }
    if (ids.has(passenger.id)) {
      faults.note(`${field}.passenger_id`, 'passenger_twice', id);
      continue;
    }
    ids.add(passenger.id);
    checkPassengerChange(each, passenger, field, seating, faults);
  }
  faults.refuse();
}

function checkPassengerChange(
  change: PassengerChange,
  { infant }: Passenger,
  field: string,
  seating: Parameters<typeof checkSeat>[2],
  faults: FaultList,
): void {
  const before = faults.count();
  const seat = change.seat ?? null;
  checkSeat(seat, `${field}.seat`, seating, faults);
  if (infant && seat !== null && faults.count() === before) {
    faults.note(`${field}.seat`, 'infant_without_seat');
  }
  checkFrequentFlyer(change.frequentFlyerNumber ?? null, `${field}.frequent_flyer_number`, faults);
}

export type PassengerState = {
  readonly id: bigint;
  readonly seat: string | null;
  readonly specialAssistance: boolean;
  readonly frequentFlyerNumber: string | null;
};

/** What a change comes to, against the state it meets. */
export type EffectiveChange = {
  readonly contact: {
    readonly email: string;
    readonly phone: string | null;
    readonly note: string | null;
  };
  readonly moved: readonly { readonly passengerId: bigint; readonly seat: string | null }[];
  readonly changed: readonly Omit<PassengerState, 'seat'>[];
};

/** Null where nothing changes: then nothing is written, and the version stays. */
export function effectOf(change: BookingChange, booking: Booking): EffectiveChange | null {
  const contact = {
    email: change.contactEmail ?? booking.contactEmail,
    phone: change.contactPhone === undefined ? booking.contactPhone : change.contactPhone,
    note: change.note === undefined ? booking.note : change.note,
  };
  const moved: { passengerId: bigint; seat: string | null }[] = [];
  const changed: Omit<PassengerState, 'seat'>[] = [];
  for (const each of change.passengers) {
    const state = booking.passengers.find(({ id }) => id === each.passengerId);
    if (!state) throw new Error('a passenger that was there is gone');
    if (each.seat !== undefined && each.seat !== state.seat)
      moved.push({ passengerId: state.id, seat: each.seat });
    const next = {
      id: state.id,
      specialAssistance: each.specialAssistance ?? state.specialAssistance,
      frequentFlyerNumber:
        each.frequentFlyerNumber === undefined ? state.frequentFlyerNumber : each.frequentFlyerNumber,
    };
    const isSame =
      next.specialAssistance === state.specialAssistance &&
      next.frequentFlyerNumber === state.frequentFlyerNumber;
    if (!isSame) changed.push(next);
  }
  const isContactSame =
    contact.email === booking.contactEmail &&
    contact.phone === booking.contactPhone &&
    contact.note === booking.note;
  return isContactSame && moved.length === 0 && changed.length === 0 ? null : { contact, moved, changed };
}

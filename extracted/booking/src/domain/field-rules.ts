import { type Cabin, hasSeat, isSeat } from './flight.ts';
import { type Fault, type Rule, refusalOfFaults } from './refusal.ts';
import { isSingleLine, isStorable, lengthOf } from './text.ts';

/** The rules of single fields that creating and changing a booking share. */

const EMAIL = /^[^\s@]+@[^\s@]+$/;
const FREQUENT_FLYER = /^[A-Z0-9]{5,12}$/;

export const NAME_LENGTH_MAX = 60;
export const EMAIL_LENGTH_MAX = 254;
export const PHONE_LENGTH_MAX = 30;
export const NOTE_LENGTH_MAX = 500;

/** Collects what is wrong with a request, in the order of its fields. */
export type FaultList = {
  note(field: string, rule: Rule, metadata?: Readonly<Record<string, string>>): void;
  count(): number;
  /** Throws the refusal, if there is anything to refuse. */
  refuse(): void;
};

export function createFaultList(): FaultList {
  const faults: Fault[] = [];
  return {
    note: (field, rule, metadata) => void faults.push({ field, rule, ...(metadata ? { metadata } : {}) }),
    count: () => faults.length,
    refuse() {
      const [first, ...others] = faults;
      if (first) throw refusalOfFaults([first, ...others]);
    },
  };
}

/** The empty string is nothing given. */
export function givenOr(text: string | null | undefined): string | null {
  return text === undefined || text === '' ? null : text;
}

export function checkText(text: string | null, field: string, lengthMax: number, faults: FaultList): void {
  if (text === null) return;
  if (!isStorable(text)) faults.note(field, 'characters');
  else if (lengthOf(text) > lengthMax) faults.note(field, 'too_long', { max: String(lengthMax) });
}

export function checkLine(text: string | null, field: string, lengthMax: number, faults: FaultList): void {
  if (text !== null && !isSingleLine(text)) faults.note(field, 'characters');
  else checkText(text, field, lengthMax, faults);
}

export function checkRequiredLine(
  text: string | null,
  field: string,
  lengthMax: number,
  faults: FaultList,
): boolean {
  const before = faults.count();
  checkLine(text, field, lengthMax, faults);
  if (faults.count() === before && (text === null || text.trim() === '')) faults.note(field, 'required');
  return faults.count() === before;
}

export function checkEmail(text: string | null, field: string, faults: FaultList): void {
  if (checkRequiredLine(text, field, EMAIL_LENGTH_MAX, faults) && !EMAIL.test(text as string)) {
    faults.note(field, 'email');
  }
}

export function checkFrequentFlyer(text: string | null, field: string, faults: FaultList): void {
  if (text !== null && !FREQUENT_FLYER.test(text)) faults.note(field, 'frequent_flyer');
}

export type Seating = { readonly cabin: Cabin; readonly aircraft: string };

/** A seat of this aircraft that nobody else of this request has. */
export function checkSeat(
  seat: string | null,
  field: string,
  { cabin, aircraft, given }: Seating & { readonly given: Set<string> },
  faults: FaultList,
): void {
  if (seat === null) return;
  if (!isSeat(seat)) faults.note(field, 'seat');
  else if (!hasSeat(cabin, seat)) faults.note(field, 'seat_not_on_aircraft', { seat, aircraft });
  else if (given.has(seat)) faults.note(field, 'seat_twice', { seat });
  else given.add(seat);
}

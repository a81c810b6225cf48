import type {
  CreateBookingRequest,
  ExportBookingsRequest,
  ListBookingsRequest,
  NewPassenger,
  UpdateBookingRequest,
  PassengerChange as WirePassengerChange,
} from '@banyan/contracts/booking/v1/booking';
import { readPageToken, writePageToken } from '@banyan/service-kit/page-token';
import { accountInView, type Caller } from '../domain/access.ts';
import type { BookingChange, PassengerChange } from '../domain/booking-change.ts';
import { givenOr } from '../domain/field-rules.ts';
import type { WantedBooking, WantedPassenger } from '../domain/new-booking.ts';
import { type Rule, refusalOfFaults } from '../domain/refusal.ts';
import type { BookingFilter, PageWish } from '../storage/port.ts';
import { FARE_CLASSES, fromWireName, STATUSES, TITLES } from './names.ts';

const PAGE_SIZE = 20;
const PAGE_SIZE_MAX = 100;
const KEY = /^[!-~]{1,255}$/;
/** Postgres counts an offset in int8. */
const INT64_MAX = 2n ** 63n - 1n;

export function readNewBooking(request: CreateBookingRequest, caller: Caller): WantedBooking {
  return {
    flightId: request.flightId,
    fareClass: fromWireName(FARE_CLASSES, request.fareClass) ?? 'CLASSIC',
    passengers: request.passengers.map(readNewPassenger),
    contactEmail: givenOr(request.contact?.email),
    contactPhone: givenOr(request.contact?.phone),
    note: givenOr(request.note),
    accountId: caller.role === 'agent' ? (request.accountId ?? null) : null,
  };
}

function readNewPassenger(passenger: NewPassenger): WantedPassenger {
  return {
    title: fromWireName(TITLES, passenger.title),
    firstName: givenOr(passenger.firstName),
    lastName: givenOr(passenger.lastName),
    seat: givenOr(passenger.seat),
    infant: passenger.infant,
    specialAssistance: passenger.specialAssistance,
    frequentFlyerNumber: givenOr(passenger.frequentFlyerNumber),
  };
}

/** Null where none was given. */
export function readIdempotencyKey({
  idempotencyKey,
}: Pick<CreateBookingRequest, 'idempotencyKey'>): string | null {
  if (idempotencyKey === undefined) return null;
  if (!KEY.test(idempotencyKey)) throw invalid('idempotency_key', 'invalid');
  return idempotencyKey;
}

export function readListBookings(
  request: ListBookingsRequest,
  caller: Caller,
): { readonly filter: BookingFilter; readonly page: PageWish; nextToken(lastId: bigint): string } {
  const { pageSize, skip, pageToken } = request;
  if (pageSize < 0) throw invalid('page_size', 'invalid');
  if (skip < 0n || skip > INT64_MAX) throw invalid('skip', 'invalid');
  const status = fromWireName(STATUSES, request.status);
  if (status === 'unknown') throw invalid('status', 'choice');
  const filter: BookingFilter = {
    accountId: accountInView(caller, request.accountId ?? null),
    flightId: request.flightId ?? null,
    status,
    createdFrom: request.createdFrom ?? null,
    createdBefore: request.createdBefore ?? null,
  };
  // A token is of one list: with another filter it would lead to no place in it.
  const list = Object.values(filter).map(String).join(' ');
  const afterId = pageToken === '' ? null : readPageToken(pageToken, list);
  if (pageToken !== '' && afterId === null) throw invalid('page_token', 'invalid');
  const size = Math.min(pageSize === 0 ? PAGE_SIZE : pageSize, PAGE_SIZE_MAX);
  return { filter, page: { size, skip, afterId }, nextToken: (lastId) => writePageToken(lastId, list) };
}

export function readExport(
  request: ExportBookingsRequest,
  caller: Caller,
): Pick<BookingFilter, 'accountId' | 'createdFrom' | 'createdBefore'> {
  return {
    accountId: accountInView(caller, null),
    createdFrom: request.createdFrom ?? null,
    createdBefore: request.createdBefore ?? null,
  };
}

const BOOKING_PATHS = ['contact.email', 'contact.phone', 'note'] as const;
const PASSENGER_PATHS = ['seat', 'special_assistance', 'frequent_flyer_number'] as const;

/** What is in the mask and not in the message is cleared; what is not in the mask is left alone. */
export function readBookingChange(request: UpdateBookingRequest): BookingChange {
  const paths = readMask(request.updateMask, BOOKING_PATHS, 'update_mask');
  return {
    ...(paths.has('contact.email') ? { contactEmail: givenOr(request.contact?.email) } : {}),
    ...(paths.has('contact.phone') ? { contactPhone: givenOr(request.contact?.phone) } : {}),
    ...(paths.has('note') ? { note: givenOr(request.note) } : {}),
    passengers: request.passengers.map(readPassengerChange),
  };
}

function readPassengerChange(change: WirePassengerChange, index: number): PassengerChange {
  const paths = readMask(change.updateMask, PASSENGER_PATHS, `passengers[${index}].update_mask`);
  return {
    passengerId: change.passengerId,
    ...(paths.has('seat') ? { seat: givenOr(change.seat) } : {}),
    ...(paths.has('special_assistance') ? { specialAssistance: change.specialAssistance } : {}),
    ...(paths.has('frequent_flyer_number')
      ? { frequentFlyerNumber: givenOr(change.frequentFlyerNumber) }
      : {}),
  };
}

function readMask<Path extends string>(
  mask: readonly string[] | undefined,
  known: readonly Path[],
  field: string,
): ReadonlySet<Path> {
  const paths = mask ?? [];
  // What a newer client wants changed and we do not know must not be taken for done.
  if (paths.some((path) => !(known as readonly string[]).includes(path))) throw invalid(field, 'choice');
  return new Set(paths as readonly Path[]);
}

function invalid(field: string, rule: Rule): Error {
  return refusalOfFaults([{ field, rule }]);
}

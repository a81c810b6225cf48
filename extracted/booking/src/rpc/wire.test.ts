import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ListBookingsRequest,
  UpdateBookingRequest,
  Booking as WireBooking,
} from '@banyan/contracts/booking/v1/booking';
import { BOOKING_STATUSES, TITLES as DOMAIN_TITLES } from '../domain/booking.ts';
import { FARE_CLASSES as DOMAIN_FARE_CLASSES } from '../domain/price.ts';
import { REASONS, Refusal, refusalOfFaults } from '../domain/refusal.ts';
import { SAMPLE_BOOKING } from '../domain/testing/sample-booking.ts';
import {
  readBookingChange,
  readExport,
  readIdempotencyKey,
  readListBookings,
  readNewBooking,
} from './from-wire.ts';
import { FARE_CLASSES, fromWireName, STATUSES, TITLES } from './names.ts';
import { CODES, toRpcError } from './refusals.ts';
import { toExportedBooking, toWireBooking } from './to-wire.ts';

const eur = (units: bigint, nanos: number) => ({ currencyCode: 'EUR', units, nanos });
const AGENT = { accountId: 3n, role: 'agent', name: 'Bo' } as const;
const CUSTOMER = { accountId: 1n, role: 'customer', name: 'Ada' } as const;

test('every field of a booking has its place on the wire, and survives it', () => {
  const message = toWireBooking(SAMPLE_BOOKING);
  assert.deepEqual(message, {
    id: 1_000_000_002n,
    reference: message.reference,
    status: 'BOOKING_STATUS_HELD',
    accountId: 9_007_199_254_740_993n,
    flight: {
      id: 2n ** 62n,
      number: 'MA101',
      origin: 'AMS',
      destination: 'LIS',
      departsAt: new Date('2026-11-24T06:05:00Z'),
      arrivesAt: new Date('2026-11-24T08:59:59Z'),
      originName: 'Schiphol',
      destinationName: 'Humberto Delgado',
    },
    fareClass: 'FARE_CLASS_FLEX',
    passengers: [
      {
        id: 4n,
        title: 'TITLE_DR',
        firstName: 'Zoë',
        lastName: "O'Ødegård, née Müller; 李小龍",
        seat: '12A',
        infant: false,
        specialAssistance: true,
        frequentFlyerNumber: 'MA12345',
      },
      {
        id: 6n,
        title: 'TITLE_UNSPECIFIED',
        firstName: 'Kid',
        lastName: 'Ødegård',
        seat: undefined,
        infant: true,
        specialAssistance: false,
        frequentFlyerNumber: undefined,
      },
    ],
    contact: { email: 'zoe@example.org', phone: '+1 555' },
    note: 'Two\nlines',
    price: { base: eur(100n, 50_000_000), tax: eur(12n, 10_000_000), total: eur(112n, 60_000_000) },
    invoiceNumber: 'INV-01000000002',
    holdExpiresAt: new Date('2026-11-22T12:30:00Z'),
    createdAt: new Date('2026-11-22T12:00:00Z'),
    updatedAt: new Date('2026-11-22T12:01:00Z'),
    version: 3,
  });
  assert.match(message.reference, /^[0-9A-Z]{6}$/);
  assert.deepEqual(WireBooking.decode(WireBooking.encode(message).finish()), message);
  const bare = toWireBooking({ ...SAMPLE_BOOKING, contactPhone: null, note: null, holdExpiresAt: null });
  assert.deepEqual([bare.contact?.phone, bare.note, bare.holdExpiresAt], [undefined, undefined, undefined]);
});

test('every field of an exported booking has its place', () => {
  const { flight, passengers, ...rest } = SAMPLE_BOOKING;
  const { number: flightNumber, origin, destination, departsAt } = flight;
  const passengerCount = passengers.length;
  assert.deepEqual(
    toExportedBooking({ ...rest, flightNumber, origin, destination, departsAt, passengerCount }),
    {
      id: 1_000_000_002n,
      reference: toWireBooking(SAMPLE_BOOKING).reference,
      status: 'BOOKING_STATUS_HELD',
      accountId: 9_007_199_254_740_993n,
      flightNumber: 'MA101',
      origin: 'AMS',
      destination: 'LIS',
      departsAt,
      fareClass: 'FARE_CLASS_FLEX',
      passengerCount: 2,
      total: eur(112n, 60_000_000),
      createdAt: rest.createdAt,
    },
  );
});

test('every value of an enumeration leads to the wire and back', () => {
  for (const status of BOOKING_STATUSES) assert.equal(fromWireName(STATUSES, STATUSES[status]), status);
  for (const each of DOMAIN_FARE_CLASSES) assert.equal(fromWireName(FARE_CLASSES, FARE_CLASSES[each]), each);
  for (const title of DOMAIN_TITLES) assert.equal(fromWireName(TITLES, TITLES[title]), title);
  assert.equal(fromWireName(TITLES, 'TITLE_UNSPECIFIED'), null);
  assert.equal(fromWireName(TITLES, 'UNRECOGNIZED'), 'unknown');
});

test('a request to book is read field by field; an empty text is none', () => {
  const request = {
    flightId: 7n,
    fareClass: 'FARE_CLASS_SAVER',
    passengers: [
      {
        title: 'TITLE_MX',
        firstName: 'Zoë',
        lastName: '',
        seat: '',
        infant: true,
        specialAssistance: true,
        frequentFlyerNumber: 'MA12345',
      },
    ],
    contact: { email: 'a@b', phone: '' },
    note: 'n',
    accountId: 9n,
  } as const;
  const read = {
    flightId: 7n,
    fareClass: 'SAVER',
    passengers: [
      {
        title: 'MX',
        firstName: 'Zoë',
        lastName: null,
        seat: null,
        infant: true,
        specialAssistance: true,
        frequentFlyerNumber: 'MA12345',
      },
    ],
    contactEmail: 'a@b',
    contactPhone: null,
    note: 'n',
    accountId: 9n,
  };
  const copy = { ...request, passengers: [...request.passengers] };
  assert.deepEqual(readNewBooking(copy, AGENT), read);
  assert.deepEqual(readNewBooking(copy, CUSTOMER), { ...read, accountId: null });
  assert.equal(readNewBooking({ ...copy, fareClass: 'FARE_CLASS_UNSPECIFIED' }, AGENT).fareClass, 'CLASSIC');
  assert.equal(readNewBooking({ ...copy, fareClass: 'UNRECOGNIZED' }, AGENT).fareClass, 'unknown');
  assert.equal(readNewBooking({ ...copy, contact: undefined }, AGENT).contactEmail, null);
});

test('a key is visible ASCII of a bounded length', () => {
  const read = (idempotencyKey?: string) => readIdempotencyKey({ idempotencyKey });
  assert.equal(read(), null);
  assert.equal(read('a!~'), 'a!~');
  assert.equal(read('x'.repeat(255)), 'x'.repeat(255));
  for (const wrong of ['', 'x'.repeat(256), 'a b', 'é', 'a\n']) {
    assert.throws(() => read(wrong), { reason: 'INVALID_FIELD' }, wrong);
  }
});

test('what a mask names and the message has not is cleared; what it does not name stays', () => {
  const read = (request: Partial<UpdateBookingRequest>) =>
    readBookingChange({ ...UpdateBookingRequest.fromPartial({}), ...request });
  const one = { specialAssistance: false };
  assert.deepEqual(read({ note: 'n', contact: { email: 'a@b', phone: '1' } }), { passengers: [] });
  assert.deepEqual(read({ updateMask: ['contact.email', 'contact.phone', 'note'] }), {
    contactEmail: null,
    contactPhone: null,
    note: null,
    passengers: [],
  });
  assert.deepEqual(
    read({
      updateMask: ['contact.email', 'note'],
      note: 'n',
      contact: { email: 'a@b', phone: '1' },
      passengers: [
        { ...one, passengerId: 4n, seat: '1A', updateMask: ['seat'] },
        {
          passengerId: 6n,
          specialAssistance: true,
          updateMask: ['special_assistance', 'frequent_flyer_number'],
        },
      ],
    }),
    {
      contactEmail: 'a@b',
      note: 'n',
      passengers: [
        { passengerId: 4n, seat: '1A' },
        { passengerId: 6n, specialAssistance: true, frequentFlyerNumber: null },
      ],
    },
  );
  for (const request of [
    { updateMask: ['status'] },
    { passengers: [{ ...one, passengerId: 4n, updateMask: ['first_name'] }] },
  ]) {
    assert.throws(() => read(request), { reason: 'INVALID_FIELD' });
  }
});

test('a list is of what the caller may see, of a bounded size, and its tokens are its own', () => {
  const list = (more: Partial<ListBookingsRequest>) => ({
    ...ListBookingsRequest.fromPartial({}),
    ...more,
  });
  const from = new Date(0);
  const { filter, page, nextToken } = readListBookings(
    list({ status: 'BOOKING_STATUS_EXPIRED', flightId: 7n, accountId: 9n, createdFrom: from, skip: 40n }),
    AGENT,
  );
  assert.deepEqual(filter, {
    accountId: 9n,
    flightId: 7n,
    status: 'EXPIRED',
    createdFrom: from,
    createdBefore: null,
  });
  assert.deepEqual(page, { size: 20, skip: 40n, afterId: null });
  assert.equal(readListBookings(list({ accountId: 9n }), CUSTOMER).filter.accountId, 1n);
  assert.equal(readListBookings(list({}), AGENT).filter.accountId, null);
  assert.equal(readListBookings(list({ pageSize: 101 }), AGENT).page.size, 100);
  const token = nextToken(41n);
  const again = { status: 'BOOKING_STATUS_EXPIRED', flightId: 7n, accountId: 9n, createdFrom: from } as const;
  assert.equal(readListBookings(list({ ...again, pageToken: token }), AGENT).page.afterId, 41n);
  for (const wrong of [
    { pageSize: -1 },
    { skip: -1n },
    { status: 'UNRECOGNIZED' as const },
    { pageToken: 'x' },
    { pageToken: token },
  ]) {
    assert.throws(() => readListBookings(list(wrong), AGENT), { reason: 'INVALID_FIELD' });
  }
  const days = { createdFrom: undefined, createdBefore: from };
  assert.deepEqual(readExport(days, CUSTOMER), { accountId: 1n, createdFrom: null, createdBefore: from });
  assert.equal(readExport(days, AGENT).accountId, null);
});

test('every reason has its code, and its facts travel with it', () => {
  const codes = Object.fromEntries(REASONS.map((reason) => [reason, toRpcError(new Refusal(reason)).code]));
  assert.deepEqual(codes, {
    ROLE_FORBIDDEN: 'PERMISSION_DENIED',
    BOOKING_NOT_FOUND: 'NOT_FOUND',
    INVALID_FIELD: 'INVALID_ARGUMENT',
    FLIGHT_NOT_FOUND: 'INVALID_ARGUMENT',
    ACCOUNT_NOT_FOUND: 'INVALID_ARGUMENT',
    SEAT_NOT_ON_AIRCRAFT: 'INVALID_ARGUMENT',
    SEAT_TAKEN: 'FAILED_PRECONDITION',
    FLIGHT_CLOSED: 'FAILED_PRECONDITION',
    FLIGHT_FULL: 'FAILED_PRECONDITION',
    FLIGHT_DEPARTED: 'FAILED_PRECONDITION',
    ALREADY_FINAL: 'FAILED_PRECONDITION',
    NOT_ACTIVE: 'FAILED_PRECONDITION',
    VERSION_MISMATCH: 'ABORTED',
    HOLD_OVER: 'FAILED_PRECONDITION',
    FACTS_UNAVAILABLE: 'UNAVAILABLE',
    IDEMPOTENCY_KEY_REUSED: 'INVALID_ARGUMENT',
    IDEMPOTENCY_KEY_IN_USE: 'ABORTED',
    EVENT_MALFORMED: 'INVALID_ARGUMENT',
    WATCH_INTERRUPTED: 'UNAVAILABLE',
    WATCHER_TOO_SLOW: 'RESOURCE_EXHAUSTED',
    NOT_THE_OWNER: 'FAILED_PRECONDITION',
    ONLY_AS_JOB: 'FAILED_PRECONDITION',
  });
  assert.equal(
    toRpcError(new Refusal('FACTS_UNAVAILABLE')).retryAfterSeconds,
    CODES.FACTS_UNAVAILABLE.retryAfterSeconds,
  );
  const error = toRpcError(
    refusalOfFaults([
      { field: 'note', rule: 'too_long', metadata: { max: '500' } },
      { field: 'account_id', rule: 'not_found' },
    ]),
  );
  assert.deepEqual([error.reason, error.domain], ['INVALID_FIELD', 'booking']);
  assert.deepEqual(error.metadata, { field: 'note', rule: 'too_long', max: '500' });
  assert.deepEqual(error.violations, [
    { field: 'note', description: 'too_long' },
    { field: 'account_id', description: 'not_found' },
  ]);
});

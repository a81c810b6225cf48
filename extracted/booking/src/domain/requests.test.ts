import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BookingChange, checkBookingChange, effectOf } from './booking-change.ts';
import { checkNewBooking, type WantedBooking, type WantedPassenger } from './new-booking.ts';
import { Refusal } from './refusal.ts';
import { SAMPLE_BOOKING } from './testing/sample-booking.ts';

const seating = { cabin: { rows: 20, columns: 'ABCDEF' }, aircraft: 'A320' };

const person = (more: Partial<WantedPassenger> = {}): WantedPassenger => ({
  title: null,
  firstName: 'Zoë',
  lastName: 'Ødegård',
  seat: null,
  infant: false,
  specialAssistance: false,
  frequentFlyerNumber: null,
  ...more,
});
const wanted = (more: Partial<WantedBooking> = {}): WantedBooking => ({
  flightId: 7n,
  fareClass: 'CLASSIC',
  passengers: [person()],
  contactEmail: 'zoe@example.org',
  contactPhone: null,
  note: null,
  accountId: null,
  ...more,
});

function faultsOf(work: () => void): string[] {
  try {
    work();
    return [];
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return error.faults.map(({ field, rule }) => `${field} ${rule}`);
  }
}

test('a new booking keeps the rules of its fields', () => {
  const infants = (adults: number, count: number) => [
    ...Array.from({ length: adults }, () => person()),
    ...Array.from({ length: count }, () => person({ infant: true })),
  ];
  const first = (passenger: Partial<WantedPassenger>) => ({ passengers: [person(passenger)] });
  for (const [more, faults] of [
    [{}, []],
    [{ fareClass: 'unknown' }, ['fare_class choice']],
    [{ passengers: [] }, ['passengers count']],
    [{ passengers: infants(9, 0) }, []],
    [{ passengers: infants(10, 0) }, ['passengers count']],
    [{ passengers: infants(0, 1) }, ['passengers no_adult']],
    [{ passengers: infants(1, 2) }, ['passengers too_many_infants']],
    [{ passengers: infants(2, 2) }, []],
    [first({ title: 'unknown' }), ['passengers[0].title choice']],
    [first({ firstName: null }), ['passengers[0].first_name required']],
    [first({ firstName: ' \u3000' }), ['passengers[0].first_name required']],
    [first({ firstName: 'a\nb' }), ['passengers[0].first_name characters']],
    [first({ lastName: 'x'.repeat(61) }), ['passengers[0].last_name too_long']],
    [first({ lastName: '𝒳'.repeat(60) }), []],
    [first({ seat: '1' }), ['passengers[0].seat seat']],
    [first({ seat: '21A' }), ['passengers[0].seat seat_not_on_aircraft']],
    [{ passengers: [person({ seat: '1A' }), person({ seat: '1A' })] }, ['passengers[1].seat seat_twice']],
    [
      { passengers: [person(), person({ seat: '1A', infant: true })] },
      ['passengers[1].seat infant_without_seat'],
    ],
    [first({ frequentFlyerNumber: 'ma1' }), ['passengers[0].frequent_flyer_number frequent_flyer']],
    [{ contactEmail: null }, ['contact.email required']],
    [{ contactEmail: 'a@b@c' }, ['contact.email email']],
    [{ contactEmail: `${'a'.repeat(250)}@b.cd` }, ['contact.email too_long']],
    [{ contactPhone: '\t' }, ['contact.phone characters']],
    [{ contactPhone: '1'.repeat(31) }, ['contact.phone too_long']],
    [{ note: 'two\nlines' }, []],
    [{ note: 'a\0b' }, ['note characters']],
    [{ note: 'x'.repeat(501) }, ['note too_long']],
  ] as const satisfies [Partial<WantedBooking>, string[]][]) {
    const check = () => checkNewBooking(wanted(more), { seating, isAccountKnown: true });
    assert.deepEqual(
      faultsOf(check),
      faults,
      JSON.stringify(more, (_, value) => String(value)),
    );
  }
});

test('the reason of a refusal is that of the first fault in the order of the fields', () => {
  const check = (more: Partial<WantedBooking>) => () =>
    checkNewBooking(wanted(more), { seating, isAccountKnown: false });
  assert.throws(check({}), { reason: 'ACCOUNT_NOT_FOUND' });
  assert.throws(check({ passengers: [person({ seat: '21A' })] }), {
    reason: 'SEAT_NOT_ON_AIRCRAFT',
    metadata: { field: 'passengers[0].seat', rule: 'seat_not_on_aircraft', seat: '21A', aircraft: 'A320' },
  });
  assert.throws(check({ contactEmail: null }), { reason: 'INVALID_FIELD' });
});

test('a change keeps the rules too, of what it names', () => {
  const [first, second] = SAMPLE_BOOKING.passengers.map(({ id }) => id) as [bigint, bigint];
  const infant = second;
  for (const [change, faults] of [
    [{ passengers: [] }, []],
    [{ passengers: [], contactEmail: null }, ['contact.email required']],
    [{ passengers: [], contactPhone: null, note: null }, []],
    [{ passengers: [{ passengerId: 99n }] }, ['passengers[0].passenger_id passenger_unknown']],
    [
      { passengers: [{ passengerId: first }, { passengerId: first }] },
      ['passengers[1].passenger_id passenger_twice'],
    ],
    [{ passengers: [{ passengerId: infant, seat: '1A' }] }, ['passengers[0].seat infant_without_seat']],
    [{ passengers: [{ passengerId: infant, seat: null }] }, []],
    [{ passengers: [{ passengerId: first, seat: '99A' }] }, ['passengers[0].seat seat_not_on_aircraft']],
  ] as const satisfies [BookingChange, string[]][]) {
    assert.deepEqual(
      faultsOf(() => checkBookingChange(change, SAMPLE_BOOKING)),
      faults,
    );
  }
});

test('a change that says what is true already changes nothing', () => {
  const [passenger] = SAMPLE_BOOKING.passengers;
  assert.ok(passenger);
  const { id: passengerId, seat, specialAssistance, frequentFlyerNumber } = passenger;
  const same = {
    contactEmail: SAMPLE_BOOKING.contactEmail,
    note: SAMPLE_BOOKING.note,
    passengers: [{ passengerId, seat, specialAssistance, frequentFlyerNumber }],
  };
  assert.equal(effectOf(same, SAMPLE_BOOKING), null);
  assert.deepEqual(effectOf({ ...same, note: null }, SAMPLE_BOOKING)?.contact, {
    email: SAMPLE_BOOKING.contactEmail,
    phone: SAMPLE_BOOKING.contactPhone,
    note: null,
  });
  const moved = effectOf({ passengers: [{ passengerId, seat: null }] }, SAMPLE_BOOKING);
  assert.deepEqual([moved?.moved, moved?.changed], [[{ passengerId, seat: null }], []]);
});

import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Booking } from '@banyan/openapi/generated/legacy';
import {
  NO_OBJECT,
  NO_SUCH_ID,
  NOT_JSON,
  newBooking,
  newFlight,
  PASSENGER,
  PLAIN_TEXT,
  TOO_LARGE,
} from '../fixtures.ts';
import type { World } from '../world.ts';

export function newBookingSuite(world: () => World): void {
  it('holds seats, at a price in whole cents', async () => {
    const { api, callers } = world();
    const flight = await newFlight(world(), { fare: '333.33' });
    const json = {
      flight_id: String(flight),
      fare_class: 'FLEX',
      passengers: [
        { title: 'MS', ...PASSENGER, seat: '1A', special_assistance: 'Y', frequent_flyer_no: 'MA1234567' },
        { ...PASSENGER, seat: '', infant: 'Y' },
      ],
      contact_email: 'alice@example.com',
      contact_phone: '',
      note: 'Örtlich, 東京, "quoted"',
      unknown: { ignored: true },
      account_id: 2,
    };
    const { body, header } = await api.expect('createBooking', 201, { as: callers.alice, json });
    // 333.33 × 1.35 = 449.9955 → 450.00; an infant 10 % of it.
    assert.deepEqual([body.base_amount, body.tax_amount, body.total_amount], ['495.00', '59.40', '554.40']);
    assert.equal(header('Location'), `/api/v1/bookings/${body.id}`);
    assert.equal(header('ETag'), `"${body.id}-1"`);
    assert.equal(body.invoice_number, `INV-${String(body.id).padStart(11, '0')}`);
    assert.deepEqual([body.status, body.account_id, body.contact_phone], ['HELD', 1, null]);
    const read = await api.expect('getBooking', 200, { as: callers.alice, path: { id: body.id } });
    assert.deepEqual(read.body, body);
    assert.equal(read.header('ETag'), header('ETag'));
  });

  it('takes a form as it takes JSON', async () => {
    const { api, callers } = world();
    const flight = await newFlight(world());
    const form =
      `flight_id=1&flight_id=${flight}&passenger_1_first_name=Ann&passenger_1_last_name=Lee&passenger_1_seat=3C` +
      '&passenger_1_frequent_flyer_no=&passenger_2_first_name=Ben&passenger_2_last_name=Lee&passenger_2_infant=Y' +
      '&passenger_4_first_name=Lost&passenger_4_last_name=Lee&contact_email=a%40example.com&note=&unknown=1';
    const json = {
      flight_id: flight,
      passengers: [
        { first_name: 'Ann', last_name: 'Lee', seat: '4C' },
        { first_name: 'Ben', last_name: 'Lee', infant: 'Y' },
      ],
      contact_email: 'a@example.com',
    };
    const byForm = (await api.expect('createBooking', 201, { as: callers.partner, form })).body;
    const byJson = (await api.expect('createBooking', 201, { as: callers.partner, json })).body;
    const plain = ({ passengers, ...booking }: Booking) => ({
      ...booking,
      ...{ id: 0, reference: '', invoice_number: '', hold_expires_at: '', created_at: '', updated_at: '' },
      passengers: passengers.map((each) => ({ ...each, id: 0, seat: null })),
    });
    assert.deepEqual(plain(byForm), plain(byJson));
    assert.deepEqual(
      byForm.passengers.map(({ seat }) => seat),
      ['3C', null],
    );
    assert.deepEqual(
      byJson.passengers.map(({ seat }) => seat),
      ['4C', null],
    );
  });

  it('lets agents book for others', async () => {
    const { api, callers } = world();
    const flight = await newFlight(world());
    const booking = await newBooking(world(), callers.agent, flight, { account_id: 2 });
    assert.equal(booking.account_id, 2);
    await api.expect('getBooking', 200, { as: callers.bob, path: { id: booking.id } });
    await api.expect('getBooking', 404, { as: callers.alice, path: { id: booking.id } });
  });

  it('names the first fault of a booking, in documented order', async () => {
    const { api, callers } = world();
    const flight_id = await newFlight(world());
    const good = { flight_id, passengers: [PASSENGER], contact_email: 'a@example.com' };
    const cases: [RegExp, object][] = [
      [/flight_id/, { passengers: 'x' }],
      [/^flight_id: no such flight$/, { ...good, flight_id: NO_SUCH_ID, passengers: [] }],
      [/fare_class/, { ...good, fare_class: 'FIRST', passengers: [] }],
      [/passengers/, { ...good, passengers: [], contact_email: '' }],
      [/passengers/, { ...good, passengers: Array(10).fill(PASSENGER) }],
      [/^passengers\[0\]\.first_name is required$/, { ...good, passengers: [{ last_name: '' }] }],
      [/passengers\[1\]\.last_name/, { ...good, passengers: [PASSENGER, { first_name: 'x'.repeat(60) }] }],
      [
        /passengers\[0\]\.first_name/,
        { ...good, passengers: [{ ...PASSENGER, first_name: 'x'.repeat(61) }] },
      ],
      [/passengers\[0\]\.seat/, { ...good, passengers: [{ ...PASSENGER, seat: '99K' }] }],
      [
        /seat/,
        {
          ...good,
          passengers: [
            { ...PASSENGER, seat: '1A' },
            { ...PASSENGER, seat: '1A' },
          ],
        },
      ],
      [/seat/, { ...good, passengers: [PASSENGER, { ...PASSENGER, infant: 'Y', seat: '1A' }] }],
      [/passengers/, { ...good, passengers: [{ ...PASSENGER, infant: 'Y' }] }],
      [/frequent_flyer_no/, { ...good, passengers: [{ ...PASSENGER, frequent_flyer_no: 'ma-1' }] }],
      [/contact_email/, { ...good, contact_email: '' }],
      [/note/, { ...good, note: 'x'.repeat(501) }],
    ];
    for (const [message, json] of cases) {
      const { body } = await api.expect('createBooking', 422, { as: callers.alice, json });
      assert.match(body.message, message);
    }
    const unknown = { ...good, account_id: NO_SUCH_ID };
    assert.match(
      (await api.expect('createBooking', 422, { as: callers.agent, json: unknown })).body.message,
      /account_id/,
    );
  });

  it('refuses what cannot be had', async () => {
    const { api, callers, sql } = world();
    const flight_id = await newFlight(world());
    const book = (json: object) =>
      api.expect('createBooking', 409, {
        as: callers.bob,
        json: { passengers: [PASSENGER], contact_email: 'b@example.com', ...json },
      });
    const seated = [{ ...PASSENGER, seat: '12A' }];
    await newBooking(world(), callers.alice, flight_id, { passengers: seated });
    assert.equal((await book({ flight_id, passengers: seated })).body.message, 'Seat 12A is taken.');
    for (const closed of [{ hoursAhead: 0.9 }, { hoursAhead: -5 }, { status: 'CANCELLED' }]) {
      const { body } = await book({ flight_id: await newFlight(world(), closed) });
      assert.match(body.message, /^Flight MA\d+ is closed for booking\.$/);
    }
    await sql(`INSERT INTO aircraft_types VALUES ('ONE', 'One seat', 1, 'A') ON CONFLICT DO NOTHING`);
    const tiny = await newFlight(world(), { aircraft: 'ONE' });
    await newBooking(world(), callers.alice, tiny);
    await book({ flight_id: tiny });
  });

  it('refuses what is no booking', async () => {
    const { api, callers } = world();
    const as = callers.alice;
    const id = (await newBooking(world(), as, await newFlight(world()))).id;
    for (const [operation, path] of [
      ['createBooking', {}],
      ['updateBooking', { id }],
    ] as const) {
      await api.expect(operation, 400, { as, path, body: NOT_JSON });
      await api.expect(operation, 400, { as, path, body: NO_OBJECT });
      await api.expect(operation, 401, { path, json: {} });
      await api.expect(operation, 403, { as: callers.accountant, path, json: {} });
      await api.expect(operation, 413, { as, path, body: TOO_LARGE });
      await api.expect(operation, 415, { as, path, body: PLAIN_TEXT });
      await api.expect(operation, 415, { as, path });
    }
  });
}

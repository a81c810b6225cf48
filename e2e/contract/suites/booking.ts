import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { it } from 'node:test';
import type { Booking, Passenger } from '@banyan/openapi/generated/legacy';
import { trailerOf } from '../exchange.ts';
import {
  NO_OBJECT,
  NO_SUCH_ID,
  NOT_JSON,
  newBooking,
  newFlight,
  newInvoice,
  PASSENGER,
  PLAIN_TEXT,
  pay,
  TOO_LARGE,
} from '../fixtures.ts';
import type { World } from '../world.ts';

const first = (booking: Booking): Passenger => booking.passengers[0] as Passenger;

const csvRow = ({ flight, passengers, ...booking }: Booking): string =>
  [
    ...[booking.id, booking.reference, booking.status, booking.account_id],
    ...[flight.number, flight.from, flight.to, flight.departs_at],
    ...[booking.fare_class, passengers.length, booking.total_amount, booking.currency, booking.created_at],
  ].join();

export function bookingSuite(world: () => World): void {
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

  it('lists newest first, in pages, with the filters that took effect', async () => {
    const { api, callers } = world();
    const flight = await newFlight(world());
    const made: number[] = [];
    for (let count = 0; count < 3; count += 1) {
      made.unshift((await newBooking(world(), callers.alice, flight)).id);
    }
    const query = { flight_id: flight, status: 'HELD' };
    const all = await api.expect('listBookings', 200, { as: callers.agent, query });
    assert.deepEqual(
      all.body.map(({ id }) => id),
      made,
    );
    assert.equal(all.header('X-Total-Count'), '3');

    const mixed = `page=2&PER_PAGE=9&unknown=1&per_page=1&flight_id=1&status=bogus&flight_id=${flight}&created_from=x&created_to=2030-01-01&status=HELD`;
    const page = await api.expect('listBookings', 200, { as: callers.agent, query: mixed });
    assert.deepEqual(
      page.body.map(({ id }) => id),
      [made[1]],
    );
    const link = (number: number, rel: string) =>
      `</api/v1/bookings?status=HELD&flight_id=${flight}&created_to=2030-01-01&page=${number}&per_page=1>; rel="${rel}"`;
    assert.equal(
      page.header('Link'),
      [link(1, 'first'), link(1, 'prev'), link(3, 'next'), link(3, 'last')].join(', '),
    );
    const beyond = await api.expect('listBookings', 200, {
      as: callers.agent,
      query: { ...query, page: 9, per_page: 2 },
    });
    assert.deepEqual([beyond.text, beyond.header('X-Total-Count')], ['[]', '3']);
    assert.match(
      beyond.header('Link') ?? '',
      /page=1&per_page=2>; rel="first", <[^>]*page=2&per_page=2>; rel="prev", <[^>]*page=2&per_page=2>; rel="last"$/,
    );
    for (const garbage of [
      'page=0&per_page=0',
      'page=-1&per_page=x',
      'page=1.5&per_page=',
      'page=9e9&per_page=-7',
    ]) {
      const answer = await api.expect('listBookings', 200, {
        as: callers.agent,
        query: `flight_id=${flight}&${garbage}`,
      });
      assert.match(answer.header('Link') ?? '', /page=1&per_page=20>; rel="last"$/, garbage);
    }
    const most = await api.expect('listBookings', 200, { as: callers.agent, query: { per_page: 1000 } });
    assert.equal(most.body.length, 100);
  });

  it('lists their own to customers and partners, whatever they ask', async () => {
    const { api, callers } = world();
    const flight = await newFlight(world());
    await newBooking(world(), callers.alice, flight);
    const none = await api.expect('listBookings', 200, {
      as: callers.bob,
      query: { flight_id: flight, account_id: 1 },
    });
    assert.deepEqual([none.text, none.header('Link'), none.header('X-Total-Count')], ['[]', undefined, '0']);
    await api.expect('listBookings', 304, { as: callers.partner, headers: { 'If-None-Match': '*' } });
    await api.expect('listBookings', 401);
    await api.expect('listBookings', 403, { as: callers.accountant });
  });

  it('shows a booking to its owner and the staff, and 304 for the version they have', async () => {
    const { api, callers } = world();
    const { id } = await newBooking(world(), callers.alice, await newFlight(world()));
    const path = { id };
    for (const as of [callers.agent, callers.accountant]) await api.expect('getBooking', 200, { as, path });
    for (const tag of [`"${id}-1"`, `W/"${id}-1"`, `"x", "${id}-1"`, '*']) {
      await api.expect('getBooking', 304, { as: callers.alice, path, headers: { 'If-None-Match': tag } });
    }
    await api.expect('getBooking', 200, {
      as: callers.alice,
      path,
      headers: { 'If-None-Match': `"${id}-2"` },
    });
    await api.expect('getBooking', 401, { path });
    for (const as of [callers.bob, callers.partner]) await api.expect('getBooking', 404, { as, path });
    for (const none of [NO_SUCH_ID, 'abc', '1'.repeat(19)]) {
      await api.expect('getBooking', 404, { as: callers.agent, path: { id: none } });
    }
  });

  it('changes what is given, and the version with it', async () => {
    const { api, callers } = world();
    const as = callers.alice;
    const booking = await newBooking(world(), as, await newFlight(world()), {
      note: 'old',
      contact_phone: '1',
    });
    const path = { id: booking.id };
    const passenger = first(booking).id;
    const same = await api.expect('updateBooking', 200, { as, path, json: { note: 'old', unknown: 1 } });
    assert.equal(same.body.version, 1);
    const seated = await api.expect('updateBooking', 200, {
      as,
      path,
      json: {
        contact_phone: null,
        passengers: [{ id: String(passenger), seat: '14C', special_assistance: 'Y' }],
      },
      headers: { 'If-Match': `"${booking.id}-1"` },
    });
    assert.deepEqual(
      [seated.body.version, seated.body.note, seated.body.contact_phone, first(seated.body).seat],
      [2, 'old', null, '14C'],
    );
    assert.equal(seated.header('ETag'), `"${booking.id}-2"`);
    const stale = { 'If-Match': `"${booking.id}-1"` };
    await api.expect('updateBooking', 412, { as, path, json: { note: 'new' }, headers: stale });
    await api.expect('updateBooking', 422, { as, path, json: { note: 'x'.repeat(501) }, headers: stale });
    const form = `passenger_${passenger}_seat=&passenger_${passenger}_frequent_flyer_no=MA12345&note=`;
    const freed = await api.expect('updateBooking', 200, { as, path, form });
    assert.deepEqual(
      [freed.body.version, freed.body.note, first(freed.body).seat, first(freed.body).frequent_flyer_no],
      [3, null, null, 'MA12345'],
    );
    await api.expect('updateBooking', 200, { as, path, json: { note: 'x' }, headers: { 'If-Match': '*' } });
  });

  it('refuses changes that cannot be', async () => {
    const { api, callers } = world();
    const as = callers.alice;
    const flight = await newFlight(world());
    await newBooking(world(), callers.bob, flight, { passengers: [{ ...PASSENGER, seat: '7A' }] });
    const booking = await newBooking(world(), as, flight);
    const path = { id: booking.id };
    const wish = (seat: string) => ({ passengers: [{ id: first(booking).id, seat }] });
    const taken = await api.expect('updateBooking', 409, { as, path, json: wish('7A') });
    assert.equal(taken.body.message, 'Seat 7A is taken.');
    await api.expect('updateBooking', 422, { as, path, json: wish('7Z') });
    await api.expect('updateBooking', 422, { as, path, json: { passengers: [{ id: NO_SUCH_ID }] } });
    await api.expect('updateBooking', 422, { as, path, json: { contact_email: null } });
    await api.expect('updateBooking', 404, { as: callers.bob, path, json: {} });
    await api.expect('updateBooking', 404, { as, path: { id: 'x' }, json: {} });
    await api.expect('cancelBooking', 200, { as, path });
    await api.expect('updateBooking', 409, { as, path, json: { note: 'late' } });
  });

  it('cancels once, frees the seats and voids the invoice', async () => {
    const { api, callers } = world();
    const as = callers.alice;
    const flight = await newFlight(world());
    const booking = await newBooking(world(), as, flight, { passengers: [{ ...PASSENGER, seat: '5A' }] });
    const path = { id: booking.id };
    await api.expect('cancelBooking', 401, { path });
    await api.expect('cancelBooking', 403, { as: callers.accountant, path });
    await api.expect('cancelBooking', 404, { as: callers.bob, path });
    await api.expect('cancelBooking', 412, { as, path, headers: { 'If-Match': '"1-9"' } });
    const { text } = await api.expect('cancelBooking', 200, {
      as,
      path,
      headers: { 'If-Match': `"${booking.id}-1"` },
    });
    assert.equal(text, '{"status":"CANCELLED"}');
    const again = await api.expect('cancelBooking', 409, { as: callers.agent, path });
    assert.equal(again.body.message, 'Booking is already cancelled.');
    assert.equal((await api.expect('getBookingInvoice', 200, { as, path })).body.status, 'VOID');
    assert.deepEqual((await api.expect('getSeatMap', 200, { as, path: { id: flight } })).body.taken, []);
    const read = (await api.expect('getBooking', 200, { as, path })).body;
    assert.deepEqual(
      [read.status, read.version, read.hold_expires_at, first(read).seat],
      ['CANCELLED', 2, null, null],
    );
  });

  it('refunds by the fare rule what was paid', async () => {
    const { api, callers } = world();
    const as = callers.alice;
    const left = { FLEX: '623.71', CLASSIC: '412.00', SAVER: '0.00' };
    for (const [fare_class, refunded] of Object.entries(left)) {
      const booking = await newBooking(world(), as, await newFlight(world()), { fare_class });
      const path = { id: booking.id };
      const invoice = (await api.expect('getBookingInvoice', 200, { as, path })).body;
      await pay(world(), as, invoice);
      await api.expect('cancelBooking', 200, { as, path });
      const after = (await api.expect('getBookingInvoice', 200, { as, path })).body;
      assert.equal(after.refunded, refunded, fare_class);
    }
  });

  it('gives an itinerary of what still stands', async () => {
    const { api, callers } = world();
    const as = callers.alice;
    const booking = await newBooking(world(), as, await newFlight(world()));
    const path = { id: booking.id };
    const once = await api.expect('getItinerary', 200, { as, path });
    assert.equal(
      once.header('Content-Disposition'),
      `attachment; filename="meridian-${booking.reference}.ics"`,
    );
    assert.ok(once.text.includes(`UID:${booking.reference}@meridian.example`), once.text);
    assert.equal((await api.expect('getItinerary', 200, { as, path })).text, once.text);
    await api.expect('getItinerary', 304, {
      as,
      path,
      headers: { 'If-None-Match': once.header('ETag') ?? '' },
    });
    await api.expect('getItinerary', 401, { path });
    await api.expect('getItinerary', 403, { as: callers.accountant, path });
    await api.expect('getItinerary', 404, { as: callers.bob, path });
    await api.expect('cancelBooking', 200, { as, path });
    await api.expect('getItinerary', 409, { as, path });
  });

  it('exports with the number of rows and the hash of the bytes behind them', async () => {
    const { api, callers } = world();
    const all = await api.expect('exportBookings', 200, { as: callers.agent });
    const rows = all.text.split('\r\n').slice(1, -1);
    assert.equal(trailerOf(all.exchange, 'X-Row-Count'), String(rows.length));
    const sha256 = createHash('sha256').update(all.exchange.body).digest('hex');
    assert.equal(trailerOf(all.exchange, 'X-Content-SHA256'), sha256);
    const ids = rows.map((row) => Number(row.split(',')[0]));
    assert.ok(ids.length > 100);

    const invoice = await newInvoice(world(), callers.partner, await newFlight(world()));
    const own = await api.expect('exportBookings', 200, {
      as: callers.partner,
      query: { from: '2026-11-22' },
    });
    const made = await api.expect('getBooking', 200, {
      as: callers.partner,
      path: { id: invoice.booking_id },
    });
    assert.ok(own.text.includes(`\r\n${csvRow(made.body)}\r\n`), own.text);
    const none = await api.expect('exportBookings', 200, {
      as: callers.agent,
      query: { from: '2099-01-01', to: '' },
    });
    assert.equal(trailerOf(none.exchange, 'X-Row-Count'), '0');
    await api.expect('exportBookings', 401);
    for (const as of [callers.alice, callers.accountant]) await api.expect('exportBookings', 403, { as });
    const { body } = await api.expect('exportBookings', 422, {
      as: callers.agent,
      query: { from: '2026-13-01', to: 'x' },
    });
    assert.match(body.message, /from/);
  });
}

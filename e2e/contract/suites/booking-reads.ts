import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { it } from 'node:test';
import type { Booking } from '@banyan/openapi/generated/legacy';
import { trailerOf } from '../exchange.ts';
import { NO_SUCH_ID, newBooking, newFlight, newInvoice } from '../fixtures.ts';
import type { World } from '../world.ts';

const csvRow = ({ flight, passengers, ...booking }: Booking): string =>
  [
    ...[booking.id, booking.reference, booking.status, booking.account_id],
    ...[flight.number, flight.from, flight.to, flight.departs_at],
    ...[booking.fare_class, passengers.length, booking.total_amount, booking.currency, booking.created_at],
  ].join();

export function bookingReadsSuite(world: () => World): void {
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

import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Booking, Passenger } from '@banyan/openapi/generated/legacy';
import { NO_SUCH_ID, newBooking, newFlight, PASSENGER, pay } from '../fixtures.ts';
import type { World } from '../world.ts';

const first = (booking: Booking): Passenger => booking.passengers[0] as Passenger;

export function bookingChangesSuite(world: () => World): void {
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
}

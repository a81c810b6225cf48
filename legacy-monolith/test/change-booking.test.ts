import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { newBooking, openFlight } from './support/bookings.ts';
import { createClient, logIn } from './support/client.ts';
import { KEYS, startMonolith } from './support/monolith.ts';

const monolith = await startMonolith({ after });
const { pool } = monolith.monolith;
const partner = createClient(monolith.port, { 'x-api-key': KEYS.globetrotter });
const flight = await openFlight(monolith);
const seats = [...flight.freeSeats];
const nextSeat = (): string => seats.shift() as string;

// biome-ignore lint/suspicious/noExplicitAny: tests look into any shape of body
async function book(passengers = 1): Promise<any> {
  const people = Array.from({ length: passengers }, () => ({
    first_name: 'Ann',
    last_name: 'Lee',
    seat: nextSeat(),
  }));
  const json = { ...newBooking(flight.id), passengers: people };
  return (await partner.call('/bookings', { json })).json;
}
const patch = (id: number, json: unknown, headers: Record<string, string> = {}) =>
  partner.call(`/bookings/${id}`, { method: 'PATCH', json, headers });
const cancel = (id: number, headers: Record<string, string> = {}) =>
  partner.call(`/bookings/${id}`, { method: 'DELETE', headers });

test('a tag of the current version gives 304, a weak one too; another the booking', async () => {
  const { id } = await book();
  const tag = `"${id}-1"`;
  for (const given of [tag, `W/${tag}`, `"x", ${tag}`, '*']) {
    const answer = await partner.get(`/bookings/${id}`, { 'if-none-match': given });
    assert.equal(answer.status, 304);
    assert.equal(answer.headers.etag, tag);
    assert.equal(answer.text, '');
  }
  assert.equal((await partner.get(`/bookings/${id}`, { 'if-none-match': `"${id}-2"` })).status, 200);
});

test('only what is given changes, and raises the version; the same again does not', async () => {
  const booking = await book();
  const changed = await patch(booking.id, { note: 'Late', contact_phone: '+44' });
  assert.equal(changed.status, 200);
  assert.equal(changed.headers.etag, `"${booking.id}-2"`);
  assert.deepEqual(changed.json, { ...booking, note: 'Late', contact_phone: '+44', version: 2 });
  const same = await patch(booking.id, { note: 'Late' });
  assert.equal(same.json.version, 2);
  const cleared = await patch(booking.id, { note: '', contact_phone: null });
  assert.deepEqual([cleared.json.note, cleared.json.contact_phone, cleared.json.version], [null, null, 3]);
  assert.equal((await patch(booking.id, {})).json.version, 3);
});

test('seats move, swap and are given up; a taken one is a 409 that changes nothing', async () => {
  const booking = await book(2);
  const other = await book();
  const [one, two] = booking.passengers;
  const swapped = await patch(booking.id, {
    passengers: [
      { id: one.id, seat: two.seat },
      { id: `${two.id}`, seat: one.seat },
    ],
  });
  assert.deepEqual(
    swapped.json.passengers.map((each: { seat: string }) => each.seat),
    [two.seat, one.seat],
  );
  const taken = await patch(booking.id, {
    note: 'x',
    passengers: [{ id: one.id, seat: other.passengers[0].seat }],
  });
  assert.equal(
    taken.text,
    `{"status":"error","code":"BKG-409","message":"Seat ${other.passengers[0].seat} is taken."}`,
  );
  assert.equal((await partner.get(`/bookings/${booking.id}`)).text, swapped.text);
  const released = await patch(booking.id, { passengers: [{ id: one.id, seat: null }] });
  assert.equal(released.json.passengers[0].seat, null);
  const form = { [`passenger_${one.id}_seat`]: two.seat, [`passenger_${one.id}_special_assistance`]: 'Y' };
  const byForm = await partner.call(`/bookings/${booking.id}`, { method: 'PATCH', form });
  assert.deepEqual(
    [byForm.json.passengers[0].seat, byForm.json.passengers[0].special_assistance],
    [two.seat, 'Y'],
  );
});

test('two changes race for one seat: one has it', async () => {
  const [one, two] = [await book(), await book()];
  const seat = nextSeat();
  const answers = await Promise.all(
    [one, two].map(({ id, passengers }) => patch(id, { passengers: [{ id: passengers[0].id, seat }] })),
  );
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409]);
});

test('If-Match of another version is 412, after the checks of the body', async () => {
  const { id } = await book();
  assert.equal((await patch(id, { note: 'a' }, { 'if-match': `"${id}-2"` })).json.code, 'BKG-412');
  assert.equal((await patch(id, { note: 'a' }, { 'if-match': `W/"${id}-1"` })).status, 412);
  assert.equal((await patch(id, { contact_email: 'x' }, { 'if-match': '"no"' })).status, 422);
  assert.equal((await cancel(id, { 'if-match': '"no"' })).status, 412);
  assert.equal((await patch(id, { note: 'a' }, { 'if-match': `"x", "${id}-1"` })).status, 200);
  assert.equal((await patch(id, { note: 'b' }, { 'if-match': '*' })).status, 200);
  const racers = await Promise.all(
    ['c', 'd', 'e'].map((note) => patch(id, { note }, { 'if-match': `"${id}-3"` })),
  );
  assert.deepEqual(racers.map(({ status }) => status).sort(), [200, 412, 412]);
});

test('faults of a change are named', async () => {
  const { id, passengers } = await book();
  const person = passengers[0].id;
  const faults: [unknown, string][] = [
    [{ contact_email: null }, 'contact_email is required'],
    [{ note: 'a\0b' }, 'note contains characters that are not allowed'],
    [{ contact_email: 'a\u0001@b.example' }, 'contact_email contains characters that are not allowed'],
    [{ contact_phone: '+1\n2' }, 'contact_phone contains characters that are not allowed'],
    [{ passengers: {} }, 'passengers must be a list'],
    [{ passengers: [{}] }, 'passengers[0].id is required'],
    [{ passengers: [{ id: 1_000_001 }] }, 'passengers[0].id: no such passenger'],
    [
      { passengers: [{ id: person }, { id: person }] },
      `passengers[1].id: passenger ${person} is given twice`,
    ],
    [{ passengers: [{ id: person, seat: '99A' }] }, 'passengers[0].seat: this aircraft has no seat 99A'],
    [
      { passengers: [{ id: person, special_assistance: 'x' }] },
      'passengers[0].special_assistance must be Y or N',
    ],
  ];
  for (const [json, message] of faults) {
    assert.equal((await patch(id, json)).text, JSON.stringify({ status: 'error', code: 'BKG-422', message }));
  }
});

test('a foreign booking is as absent as none, for every operation; weird ids too', async () => {
  const { id } = await book();
  const stranger = createClient(monolith.port, { 'x-api-key': KEYS.skyways });
  for (const target of [
    id,
    999_999_999,
    'abc',
    '-1',
    '1.0',
    '0',
    '1234567890123456789',
    '%00',
    "1'--",
    '9'.repeat(18),
  ]) {
    for (const [method, path] of [
      ['GET', ''],
      ['PATCH', ''],
      ['DELETE', ''],
      ['GET', '/itinerary.ics'],
    ]) {
      const answer = await stranger.call(`/bookings/${target}${path}`, { method: method as string });
      assert.equal(
        answer.text,
        '{"status":"error","code":"BKG-404","message":"No such booking."}',
        `${target}`,
      );
      assert.equal(answer.status, 404);
    }
  }
  const accountant = await logIn(monolith.port, 'accounts@meridian.example');
  assert.equal((await accountant.get(`/bookings/${id}`)).status, 200);
  assert.equal((await accountant.call(`/bookings/${id}`, { method: 'DELETE' })).status, 403);
});

test('a cancellation frees the seats, voids the invoice, queues the mail, and happens once', async () => {
  const booking = await book();
  const answers = await Promise.all([cancel(booking.id), cancel(booking.id), cancel(booking.id)]);
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 409, 409]);
  assert.equal(answers.find(({ status }) => status === 200)?.text, '{"status":"CANCELLED"}');
  assert.equal(answers.find(({ status }) => status === 409)?.json.message, 'Booking is already cancelled.');
  const after = (await partner.get(`/bookings/${booking.id}`)).json;
  assert.deepEqual(
    [after.status, after.hold_expires_at, after.passengers[0].seat, after.version],
    ['CANCELLED', null, null, 2],
  );
  const { rows } = await pool.query(
    `SELECT i.status, (SELECT count(*) FROM outgoing_mail m WHERE m.booking_id = i.booking_id) AS mails
     FROM invoices i WHERE booking_id = $1`,
    [booking.id],
  );
  assert.deepEqual(rows, [{ status: 'VOID', mails: '1' }]);
  assert.equal((await patch(booking.id, { note: 'x' })).status, 409);
  assert.equal((await partner.get(`/bookings/${booking.id}/itinerary.ics`)).json.code, 'BKG-409');
});

test('after departure nothing is cancelled', async (t) => {
  const { id } = await book();
  t.after(() => monolith.setNow(new Date('2026-11-22T12:00:00Z')));
  monolith.setNow(new Date('2027-06-01T00:00:00Z'));
  const answer = await cancel(id);
  assert.equal(answer.status, 409);
  assert.equal(answer.json.message, `Flight ${flight.number} has departed.`);
});

test('the itinerary is the same bytes each time, and a tag of its own', async () => {
  const { id, reference } = await book(2);
  const one = await partner.get(`/bookings/${id}/itinerary.ics`);
  const two = await partner.get(`/bookings/${id}/itinerary.ics`);
  assert.equal(one.text, two.text);
  assert.equal(one.headers['content-type'], 'text/calendar; charset=utf-8');
  assert.equal(one.headers['content-disposition'], `attachment; filename="meridian-${reference}.ics"`);
  assert.match(one.text, /^BEGIN:VCALENDAR\r\n[\s\S]*END:VCALENDAR(\r\n)?$/);
  assert.match(one.text, new RegExp(`UID:${reference}@meridian\\.example\r\n`));
  assert.match(one.text, /DTSTAMP:20261122T120000Z\r\n/);
  const again = await partner.get(`/bookings/${id}/itinerary.ics`, {
    'if-none-match': one.headers.etag as string,
  });
  assert.equal(again.status, 304);
});

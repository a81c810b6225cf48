import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { fromCents, toCents } from '../src/money.ts';
import { newBooking, openFlight } from './support/bookings.ts';
import { createClient, logIn } from './support/client.ts';
import { KEYS, startMonolith } from './support/monolith.ts';

const monolith = await startMonolith({ after });
const { pool } = monolith.monolith;
const partner = createClient(monolith.port, { 'x-api-key': KEYS.globetrotter });
const flight = await openFlight(monolith);
const seats = [...flight.freeSeats];
const nextSeat = (): string => seats.shift() as string;

test('a booking is answered in the documented order of keys, with Location and a strong tag', async () => {
  const seat = nextSeat();
  const answer = await partner.call('/bookings', { json: newBooking(flight.id, seat) });
  assert.equal(answer.status, 201);
  const booking = answer.json;
  assert.equal(answer.headers.location, `/api/v1/bookings/${booking.id}`);
  assert.equal(answer.headers.etag, `"${booking.id}-1"`);
  assert.deepEqual(Object.keys(booking), [
    ...['id', 'reference', 'status', 'account_id', 'flight', 'fare_class', 'passengers', 'contact_email'],
    ...['contact_phone', 'note', 'base_amount', 'tax_amount', 'total_amount', 'currency', 'invoice_number'],
    ...['hold_expires_at', 'created_at', 'updated_at', 'version'],
  ]);
  assert.equal(booking.id % 2, 1);
  assert.deepEqual(
    [booking.status, booking.fare_class, booking.account_id, booking.created_at, booking.hold_expires_at],
    ['HELD', 'CLASSIC', 5, '2026-11-22 12:00:00', '2026-11-22 12:30:00'],
  );
  assert.equal(booking.passengers[0].seat, seat);
  assert.equal((await partner.get(answer.headers.location as string)).text, answer.text);
});

test('booking, claim and invoice are written together, and the amounts agree', async () => {
  const json = {
    ...newBooking(flight.id, null, { fare_class: 'FLEX' }),
    passengers: [
      { first_name: 'Ann', last_name: 'Lee', seat: nextSeat() },
      { first_name: 'Tom', last_name: 'Lee', infant: 'Y' },
    ],
  };
  const { id, base_amount, tax_amount, total_amount } = (await partner.call('/bookings', { json })).json;
  const { rows } = await pool.query('SELECT * FROM invoices WHERE booking_id = $1', [id]);
  const [invoice] = rows;
  assert.deepEqual(
    [invoice.status, invoice.net, invoice.tax, invoice.total],
    ['OPEN', base_amount, tax_amount, total_amount],
  );
  assert.equal(invoice.due_at.toISOString(), '2026-11-22T12:30:00.000Z');
  assert.equal(fromCents(toCents(base_amount) + toCents(tax_amount)), total_amount);
  const lines = await pool.query('SELECT * FROM invoice_lines WHERE invoice_id = $1 ORDER BY position', [
    invoice.id,
  ]);
  assert.deepEqual(
    lines.rows.map((line) => line.description),
    ['FLEX fare, adult', 'FLEX fare, infant'],
  );
});

test('a form says the same as JSON: flat passengers up to the first gap, the last of a name counts', async () => {
  const form = new URLSearchParams([
    ['flight_id', '1'],
    ['flight_id', String(flight.id)],
    ['passenger_1_first_name', 'Ann'],
    ['passenger_1_last_name', 'Lee'],
    ['passenger_1_seat', ''],
    ['passenger_2_first_name', 'Bo'],
    ['passenger_2_last_name', 'Lee'],
    ['passenger_4_first_name', 'Lost'],
    ['contact_email', 'ann@example.com'],
    ['note', ''],
    ['unknown', 'x'],
  ]).toString();
  const answer = await partner.call('/bookings', { form });
  assert.equal(answer.status, 201);
  assert.deepEqual(
    answer.json.passengers.map((each: { first_name: string; seat: unknown }) => [each.first_name, each.seat]),
    [
      ['Ann', null],
      ['Bo', null],
    ],
  );
  assert.equal(answer.json.note, null);
  assert.equal(answer.json.flight.id, flight.id);
});

test('two clients race for one seat: exactly one gets it, the others a 409', async () => {
  const seat = nextSeat();
  const racers = Array.from({ length: 8 }, () =>
    partner.call('/bookings', { json: newBooking(flight.id, seat) }),
  );
  const answers = await Promise.all(racers);
  assert.deepEqual(answers.map(({ status }) => status).sort(), [201, ...Array(7).fill(409)]);
  const loser = answers.find(({ status }) => status === 409);
  assert.equal(loser?.text, `{"status":"error","code":"BKG-409","message":"Seat ${seat} is taken."}`);
  const { rows } = await pool.query('SELECT count(*) FROM seat_claims WHERE flight_id = $1 AND seat = $2', [
    flight.id,
    seat,
  ]);
  assert.equal(rows[0].count, '1');
});

test('parties that want each other’s seats in opposite order do not fail with a deadlock', async () => {
  const [one, two] = [nextSeat(), nextSeat()];
  const party = (wanted: string[]) => ({
    ...newBooking(flight.id),
    passengers: wanted.map((seat) => ({ first_name: 'Ann', last_name: 'Lee', seat })),
  });
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, index) =>
      partner.call('/bookings', { json: party(index % 2 === 0 ? [one, two] : [two, one]) }),
    ),
  );
  assert.deepEqual(answers.map(({ status }) => status).sort(), [201, ...Array(9).fill(409)]);
});

test('a flight that is full takes nobody, with or without a seat', async () => {
  const { rows } = await pool.query(
    `SELECT id, number FROM flights WHERE departs_at > '2026-11-25' AND id <> $1
    AND status = 'SCHEDULED' ORDER BY id LIMIT 1`,
    [flight.id],
  );
  await pool.query(`INSERT INTO aircraft_types VALUES ('TINY', 'Two seats', 1, 'AB')`);
  await pool.query('DELETE FROM seat_claims WHERE flight_id = $1', [rows[0].id]);
  await pool.query(`UPDATE bookings SET status = 'CANCELLED', hold_expires_at = NULL WHERE flight_id = $1`, [
    rows[0].id,
  ]);
  await pool.query(`UPDATE flights SET aircraft = 'TINY' WHERE id = $1`, [rows[0].id]);
  const racers = Array.from({ length: 5 }, () =>
    partner.call('/bookings', { json: newBooking(Number(rows[0].id)) }),
  );
  const answers = await Promise.all(racers);
  assert.deepEqual(answers.map(({ status }) => status).sort(), [201, 201, 409, 409, 409]);
  assert.equal(
    answers.find(({ status }) => status === 409)?.json.message,
    `Flight ${rows[0].number} is full.`,
  );
});

test('booking closes 60 minutes before departure, and for cancelled flights', async (t) => {
  const departs = (await pool.query('SELECT departs_at FROM flights WHERE id = $1', [flight.id])).rows[0]
    .departs_at;
  const departure = new Date(`${departs.replace(' ', 'T')}Z`).getTime();
  t.after(() => monolith.setNow(new Date('2026-11-22T12:00:00Z')));
  monolith.setNow(new Date(departure - 59 * 60_000));
  const late = await partner.call('/bookings', { json: newBooking(flight.id) });
  assert.equal(late.json.message, `Flight ${flight.number} is closed for booking.`);
  assert.equal(late.status, 409);
  monolith.setNow(new Date(departure - 61 * 60_000));
  assert.equal((await partner.call('/bookings', { json: newBooking(flight.id) })).status, 201);
});

test('the first fault is named, in documented order', async () => {
  const person = { first_name: 'Ann', last_name: 'Lee' };
  const faults: [object, string][] = [
    [{}, 'flight_id is required'],
    [{ flight_id: 'x' }, 'flight_id must be an id'],
    [{ flight_id: 1.5 }, 'flight_id must be an id'],
    [{ flight_id: '999999999999999999' }, 'flight_id: no such flight'],
    [{ fare_class: 'BUSINESS' }, 'fare_class must be one of SAVER, CLASSIC, FLEX'],
    [{ passengers: undefined }, 'passengers is required'],
    [{ passengers: 'Ann' }, 'passengers must be a list'],
    [{ passengers: [] }, 'passengers must be 1 to 9'],
    [{ passengers: Array(10).fill(person) }, 'passengers must be 1 to 9'],
    [{ passengers: [null] }, 'passengers[0] must be an object'],
    [{ passengers: [{ last_name: 'Lee' }] }, 'passengers[0].first_name is required'],
    [{ passengers: [person, { ...person, last_name: ' ' }] }, 'passengers[1].last_name is required'],
    [{ passengers: [{ ...person, title: 'SIR' }] }, 'passengers[0].title must be one of MR, MRS, MS, MX, DR'],
    [
      { passengers: [{ ...person, first_name: 'x'.repeat(61) }] },
      'passengers[0].first_name must have at most 60 characters',
    ],
    [{ passengers: [{ ...person, first_name: 7 }] }, 'passengers[0].first_name must be a string'],
    [
      { passengers: [{ ...person, first_name: 'a\0b' }] },
      'passengers[0].first_name contains characters that are not allowed',
    ],
    ...['\u0001', '\t', '\r\n', '\u007f', '\u0085'].map((control): [object, string] => [
      { passengers: [{ ...person, last_name: `Lee${control}` }] },
      'passengers[0].last_name contains characters that are not allowed',
    ]),
    [
      { passengers: [{ ...person, first_name: 'a\ud800' }] },
      'passengers[0].first_name contains characters that are not allowed',
    ],
    [
      { passengers: [{ ...person, seat: 'A12' }] },
      'passengers[0].seat must be a row and a column, as in 12A',
    ],
    [{ passengers: [{ ...person, seat: '99K' }] }, 'passengers[0].seat: this aircraft has no seat 99K'],
    [
      {
        passengers: [
          { ...person, seat: '1A' },
          { ...person, seat: '1A' },
        ],
      },
      'passengers[1].seat: seat 1A is given twice',
    ],
    [
      { passengers: [person, { ...person, infant: 'Y', seat: '1A' }] },
      'passengers[1].seat: an infant holds no seat',
    ],
    [{ passengers: [{ ...person, infant: 'yes' }] }, 'passengers[0].infant must be Y or N'],
    [{ passengers: [{ ...person, infant: 'Y' }] }, 'passengers: one at least must be no infant'],
    [
      { passengers: [person, { ...person, infant: 'Y' }, { ...person, infant: 'Y' }] },
      'passengers: there are more infants than others',
    ],
    [
      { passengers: [{ ...person, frequent_flyer_no: 'ab' }] },
      'passengers[0].frequent_flyer_no must be 5 to 12 capital letters and digits',
    ],
    [{ contact_email: undefined }, 'contact_email is required'],
    [{ contact_email: 'nobody' }, 'contact_email must be an e-mail address'],
    [{ contact_phone: 'x'.repeat(31) }, 'contact_phone must have at most 30 characters'],
    [{ note: 'x'.repeat(501) }, 'note must have at most 500 characters'],
  ];
  for (const [change, message] of faults) {
    const json = Object.keys(change).length === 0 ? {} : { ...newBooking(flight.id), ...change };
    const answer = await partner.call('/bookings', { json });
    assert.equal(answer.text, JSON.stringify({ status: 'error', code: 'BKG-422', message }));
    assert.equal(answer.status, 422);
  }
});

test('an agent books for a customer; others’ account_id is ignored', async () => {
  const agent = await logIn(monolith.port, 'agent@meridian.example');
  const forBob = await agent.call('/bookings', { json: newBooking(flight.id, null, { account_id: '2' }) });
  assert.equal(forBob.json.account_id, 2);
  const forNobody = await agent.call('/bookings', {
    json: newBooking(flight.id, null, { account_id: 987654 }),
  });
  assert.equal(forNobody.json.message, 'account_id: no such account');
  const ignored = await partner.call('/bookings', { json: newBooking(flight.id, null, { account_id: 'x' }) });
  assert.equal(ignored.json.account_id, 5);
});

test('roles and the order of checks: 401, 403, then the body', async () => {
  const accountant = await logIn(monolith.port, 'accounts@meridian.example');
  const forbidden = await accountant.call('/bookings', { body: 'x' });
  assert.equal(forbidden.text, '{"status":"error","code":"BKG-403","message":"Your role may not do this."}');
  const unsupported = await partner.call('/bookings', {
    body: '{}',
    headers: { 'content-type': 'text/plain' },
  });
  assert.equal(unsupported.json.code, 'BKG-415');
  assert.equal((await partner.call('/bookings', { method: 'POST' })).json.code, 'BKG-415');
  const malformed = await partner.call('/bookings', {
    body: '{',
    headers: { 'content-type': 'application/json' },
  });
  assert.equal(malformed.json.code, 'BKG-400');
  for (const json of [[], null, 'text', 7]) {
    assert.equal((await partner.call('/bookings', { json })).json.code, 'BKG-400');
  }
});

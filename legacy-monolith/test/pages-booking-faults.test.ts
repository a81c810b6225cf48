import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ADA, book, CONTACT, startSite } from './support/booking-site.ts';
import { logInBrowser } from './support/browser.ts';

test('all empty fields of a booking are marked, and what was typed is kept', async (t) => {
  const { alice, bookPath } = await startSite(t);
  const page = await alice.fillIn(
    `${bookPath}?adults=2&fare_class=SAVER`,
    {
      passenger_1_first_name: 'Ada <b>',
      passenger_2_frequent_flyer_no: 'AB12345',
      passenger_2_special_assistance: 'Y',
      passenger_2_title: 'DR',
      contact_email: '',
      note: 'Two\nlines & "quotes"',
    },
    bookPath,
  );
  assert.equal(page.status, 422);
  for (const name of [
    'passenger_1_last_name',
    'passenger_2_first_name',
    'passenger_2_last_name',
    'contact_email',
  ]) {
    assert.equal(page.fault(name), 'Please fill this in.', name);
  }
  assert.equal(page.fault('passenger_1_first_name'), '');
  const kept = page.form(bookPath);
  assert.equal(kept.passenger_1_first_name, 'Ada <b>');
  assert.equal(kept.passenger_2_frequent_flyer_no, 'AB12345');
  assert.equal(kept.passenger_2_special_assistance, 'Y');
  assert.equal(kept.passenger_2_title, 'DR');
  assert.equal(kept.note, 'Two\nlines & "quotes"');
  assert.equal(kept.fare_class, 'SAVER');
  assert.equal(kept.adults, '2');
});

test('every fault of every passenger is told at once, and of the contact too', async (t) => {
  const { alice, bookPath } = await startSite(t);
  const page = await alice.fillIn(
    `${bookPath}?adults=2&infants=1`,
    {
      passenger_1_first_name: 'x'.repeat(61),
      passenger_1_last_name: '',
      passenger_1_seat: '99a',
      passenger_1_frequent_flyer_no: 'ab-1',
      passenger_2_first_name: 'Grace',
      passenger_2_seat: 'aisle',
      passenger_2_special_assistance: 'maybe',
      passenger_3_title: 'SIR',
      contact_email: 'nobody',
      contact_phone: '1'.repeat(31),
      note: 'x'.repeat(501),
    },
    bookPath,
  );
  assert.equal(page.status, 422);
  const told = {
    passenger_1_first_name: 'Must have at most 60 characters.',
    passenger_1_last_name: 'Please fill this in.',
    passenger_1_seat: 'This aircraft has no seat 99A.',
    passenger_1_frequent_flyer_no: 'Must be 5 to 12 capital letters and digits.',
    passenger_2_first_name: '',
    passenger_2_last_name: 'Please fill this in.',
    passenger_2_seat: 'Must be a row and a column, as in 12A.',
    passenger_2_special_assistance: 'Must be Y or N.',
    passenger_3_title: 'Must be one of MR, MRS, MS, MX, DR.',
    passenger_3_first_name: 'Please fill this in.',
    contact_email: 'Must be an e-mail address.',
    contact_phone: 'Must have at most 30 characters.',
    note: 'Must have at most 500 characters.',
  };
  for (const [name, text] of Object.entries(told)) assert.equal(page.fault(name), text, name);

  const path = await book(alice, bookPath, { passenger_1_seat: '' });
  const change = (await alice.get(`${path}/change`)).form(`${path}/change`);
  const [seat, flyer] = Object.keys(change).filter((name) => /_seat$|_frequent_flyer_no$/.test(name)) as [
    string,
    string,
  ];
  const refused = await alice.post(`${path}/change`, {
    ...change,
    contact_email: '',
    [seat]: '99A',
    [flyer]: '!',
  });
  assert.deepEqual(
    ['contact_email', seat, flyer].map((name) => refused.fault(name)),
    ['Please fill this in.', 'This aircraft has no seat 99A.', 'Must be 5 to 12 capital letters and digits.'],
  );
});

test('seats and frequent flyer numbers may be typed in small letters', async (t) => {
  const { alice, bookPath, flight } = await startSite(t);
  const asked = await alice.get(bookPath);
  for (const [name, typed, no] of [
    ['seat', ['12a', ' 9K', '1A'], ['a12', '100A', '12L']],
    ['frequent_flyer_no', ['ma12345', 'MA12345 '], ['ma-1', 'a', 'x'.repeat(13)]],
  ] as const) {
    const pattern = new RegExp(`name="passenger_1_${name}"[^>]*? pattern="([^"]+)"`).exec(asked.html)?.[1];
    const accepted = new RegExp(`^(?:${pattern})$`, 'v');
    for (const text of typed) assert.match(text, accepted);
    for (const text of no) assert.doesNotMatch(text, accepted);
  }
  const seat = flight.freeSeats[0] as string;
  const small = { passenger_1_seat: ` ${seat.toLowerCase()}`, passenger_1_frequent_flyer_no: 'ma12345 ' };
  const path = await book(alice, bookPath, small);
  const shown = await alice.get(path);
  assert.match(shown.text, new RegExp(`Seat ${seat}`));
  assert.match(shown.text, /MA12345/);
});

test('a seat that somebody else took, or that is not there, is refused beside the seat', async (t) => {
  const { site, alice, bookPath, flight } = await startSite(t);
  const [seat] = flight.freeSeats as [string];
  const bob = await logInBrowser(site.port, 'bob@example.com');
  const form = (await alice.get(bookPath)).form(bookPath);
  const bobsPath = await book(bob, bookPath, { passenger_1_seat: seat });
  const lost = await alice.post(bookPath, { ...form, ...ADA, ...CONTACT, passenger_1_seat: seat });
  assert.equal(lost.status, 409);
  assert.match(lost.fault('passenger_1_seat'), new RegExp(`Seat ${seat} is taken\\. Please choose another`));
  assert.equal(lost.form(bookPath).passenger_1_last_name, 'Lovelace');

  const nowhere = await alice.post(bookPath, { ...form, ...ADA, ...CONTACT, passenger_1_seat: '99A' });
  assert.match(nowhere.fault('passenger_1_seat'), /no seat 99A/);
  // A form that was refused may be sent again: its token is not used up.
  assert.equal((await alice.post(bookPath, { ...form, ...ADA, ...CONTACT })).status, 303);

  const changed = await bob.fillIn(`${bobsPath}/change`, { contact_email: 'nobody' });
  assert.equal(changed.status, 422);
  assert.match(changed.fault('contact_email'), /e-mail address/);
  assert.equal(changed.form(`${bobsPath}/change`).contact_email, 'nobody');
});

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { extractText, getDocumentProxy } from 'unpdf';
import { renderTicket, type Ticket, type TicketPassenger } from './ticket-document.ts';

const passenger: TicketPassenger = {
  title: 'MS',
  first_name: 'Ada',
  last_name: 'Łovelace',
  infant: 'N',
  special_assistance: 'N',
  frequent_flyer_no: 'FF12345',
  seat: '12A',
};

const TICKET: Ticket = {
  itinerary: {
    id: '41',
    status: 'CONFIRMED',
    version: 2,
    updated_at: '2026-11-22 19:31:00',
    number: 'MA101',
    departs_at: '2026-11-23 08:00:00',
    arrives_at: '2026-11-23 10:30:00',
    gate: 'B12',
    origin_code: 'LHR',
    origin_name: 'London Heathrow',
    destination_code: 'JFK',
    destination_name: 'New York John F. Kennedy',
    passengers: [],
  },
  fareClass: 'CLASSIC',
  passengers: [passenger, { ...passenger, first_name: 'Ben', infant: 'Y', seat: null }],
};

test('equal data give equal bytes, and the text can be read', async () => {
  const pdf = await renderTicket(TICKET);
  assert.ok((await renderTicket(structuredClone(TICKET))).equals(pdf));
  const { text } = await extractText(await getDocumentProxy(new Uint8Array(pdf)), { mergePages: true });
  for (const part of ['Ms Ada Łovelace', 'Ben', '12A', 'LHR', 'JFK', 'MA101', '23 Nov 2026, 08:00', 'B12']) {
    assert.ok(text.includes(part), part);
  }
});

test('names in any script are shown', async () => {
  const names = [
    { first_name: '偉龍', last_name: '王' },
    { first_name: '한', last_name: '김' },
  ];
  const passengers = names.map((name) => ({ ...passenger, ...name, title: null }));
  const pdf = await renderTicket({ ...TICKET, passengers });
  const { text } = await extractText(await getDocumentProxy(new Uint8Array(pdf)), { mergePages: true });
  for (const name of ['偉龍 王', '한 김']) assert.ok(text.includes(name), name);
});

test('nine passengers with long names fit on the page', async () => {
  const long = {
    ...passenger,
    first_name: 'Maximiliana '.repeat(5).trim(),
    last_name: 'Ó Súilleabháin '.repeat(4).trim(),
  };
  const pdf = await renderTicket({ ...TICKET, passengers: Array(9).fill(long) });
  const { totalPages } = await extractText(await getDocumentProxy(new Uint8Array(pdf)));
  assert.equal(totalPages, 1);
});

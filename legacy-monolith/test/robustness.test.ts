import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { after, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { newBooking, openFlight } from './support/bookings.ts';
import { createClient, logIn } from './support/client.ts';
import { KEYS, startMonolith } from './support/monolith.ts';

const monolith = await startMonolith({ after });
const anybody = createClient(monolith.port);
const partner = createClient(monolith.port, { 'x-api-key': KEYS.globetrotter });
const JSON_TYPE = { 'content-type': 'application/json' };

test('a 10 MB form is refused with 413 in the family’s shape', async () => {
  const form = `note=${'x'.repeat(10 * 1024 * 1024)}`;
  const general = await anybody.call('/session', { form });
  assert.deepEqual([general.status, general.json.error], [413, 'too_large']);
  const booking = await partner.call('/bookings', { form });
  assert.deepEqual([booking.status, booking.json.code], [413, 'BKG-413']);
  const billing = await partner.call('/statements', { form });
  assert.deepEqual([billing.status, billing.json.errors[0].field], [413, null]);
});

test('a small body that inflates to a large one is refused too; a fitting one is read', async () => {
  const headers = { ...JSON_TYPE, 'content-encoding': 'gzip' };
  const bomb = gzipSync(JSON.stringify({ email: 'x'.repeat(20 * 1024 * 1024), password: 'x' }));
  assert.equal((await anybody.call('/session', { body: bomb, headers })).status, 413);
  const credentials = gzipSync(JSON.stringify({ email: 'alice@example.com', password: 'meridian' }));
  assert.equal((await anybody.call('/session', { body: credentials, headers })).status, 200);
  assert.equal((await anybody.call('/session', { body: Buffer.from('no gzip'), headers })).status, 400);
  const strange = { ...JSON_TYPE, 'content-encoding': 'lzma' };
  assert.equal((await anybody.call('/session', { body: '{}', headers: strange })).status, 415);
});

test('a body of exactly 1 MB is read, one byte more is not', async () => {
  const body = (bytes: number) => {
    const empty = JSON.stringify({ email: 'a@b', password: '' });
    return empty.replace('""', `"${'x'.repeat(bytes - empty.length)}"`);
  };
  assert.equal((await anybody.call('/session', { body: body(1_048_576), headers: JSON_TYPE })).status, 403);
  assert.equal((await anybody.call('/session', { body: body(1_048_577), headers: JSON_TYPE })).status, 413);
});

test('malformed bodies are 400, other types and charsets 415', async () => {
  for (const body of ['', '{', '{"a":}', '[1]', '"x"', 'null', '\u0000', '{"a":1}x', '['.repeat(500_000)]) {
    assert.equal(
      (await anybody.call('/session', { body, headers: JSON_TYPE })).status,
      400,
      body.slice(0, 10),
    );
  }
  for (const type of [
    'text/plain',
    'application/xml',
    'multipart/form-data',
    'application/json; charset=latin1',
    '',
  ]) {
    const answer = await anybody.call('/session', { body: '{}', headers: { 'content-type': type } });
    assert.equal(answer.status, 415, type);
  }
});

test('SQL, markup and prototypes in every field are plain text', async () => {
  const agent = await logIn(monolith.port, 'agent@meridian.example');
  const flight = await openFlight(monolith);
  const evil = `Robert'); DROP TABLE bookings;-- " \\ <b> $1 %s \u{1F600}`;
  const json = {
    ...newBooking(flight.id, null, { note: evil, contact_phone: `'; --` }),
    passengers: [{ first_name: evil, last_name: `O'Neil` }],
    __proto__: { role: 'agent' },
    constructor: { prototype: { x: 1 } },
  };
  const created = await agent.call('/bookings', { json });
  assert.equal(created.status, 201);
  assert.deepEqual([created.json.note, created.json.passengers[0].first_name], [evil, evil]);
  for (const field of [
    'status',
    'flight_id',
    'account_id',
    'created_from',
    'created_to',
    'page',
    'per_page',
  ]) {
    const answer = await agent.get(`/bookings?${field}=${encodeURIComponent(`1' OR '1'='1`)}`);
    assert.equal(answer.status, 200, field);
  }
  for (const field of ['from', 'to', 'date']) {
    const query = new URLSearchParams({ from: 'LHR', to: 'JFK', date: '2026-11-23', [field]: `' OR 1=1` });
    assert.equal((await anybody.get(`/flights?${query}`)).status, 422);
  }
  const body = `{"__proto__":{"email":"alice@example.com"},"password":"meridian"}`;
  assert.equal((await anybody.call('/session', { body, headers: JSON_TYPE })).json.field, 'email');
});

test('NUL bytes and lone surrogates never reach the database, in bodies, queries and paths', async () => {
  const form = 'email=a%00b%40c&password=x';
  assert.equal((await anybody.call('/session', { form })).status, 422);
  for (const path of [
    '/flights?from=%00&to=JFK&date=2026-11-23',
    '/bookings?status=%00',
    '/bookings?created_from=%00',
  ]) {
    const answer = await partner.get(path);
    assert.ok(answer.status === 422 || answer.status === 200, path);
  }
  assert.equal((await anybody.get('/flights/%00')).status, 404);
  const flight = await openFlight(monolith);
  for (const field of ['contact_email', 'contact_phone', 'note']) {
    for (const text of ['a\0@b', 'a\ud800@b']) {
      const answer = await partner.call('/bookings', {
        json: newBooking(flight.id, null, { [field]: text }),
      });
      assert.equal(answer.status, 422, field);
    }
  }
});

test('a client that hangs up in the middle of its body, or sends no HTTP at all, harms nobody', async () => {
  const sendRaw = (text: string) =>
    new Promise<void>((resolve) => {
      const socket = connect(monolith.port, '127.0.0.1', () => {
        socket.write(text);
        setImmediate(() => socket.destroy());
      });
      socket.on('close', () => resolve());
      socket.on('error', () => {});
    });
  await sendRaw(
    'POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{"em',
  );
  await sendRaw(
    'POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
  );
  await sendRaw('\x16\x03\x01 not http\r\n\r\n');
  assert.equal((await anybody.get('/flights/1')).status, 200);
});

test('nothing of all this was an unexpected fault', () => {
  assert.doesNotMatch(monolith.log(), /"level":"(error|fatal)"/);
});

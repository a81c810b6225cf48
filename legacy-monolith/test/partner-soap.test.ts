import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { type Client, createClientAsync } from 'soap';
import { createLiveWorld, KEY, type LiveWorld, OTHER_KEY } from './live-world.ts';

const ENVELOPE = 'http://schemas.xmlsoap.org/soap/envelope/';
const SERVICE = 'http://meridian.example/soap/booking';

type Booking = Record<string, unknown> & { id: string; reference: string };

/** What the library throws for a fault. */
type FaultError = Error & {
  response: { status: number };
  root: { Envelope: { Body: { Fault: Record<string, unknown> } } };
};

const PASSENGER = { firstName: 'Ada', lastName: 'Lovelace' };

describe('the partner endpoint', () => {
  let world: LiveWorld;
  let url: string;
  before(async () => {
    world = await createLiveWorld();
    url = `http://127.0.0.1:${world.port}/soap/booking`;
  });
  after(() => world[Symbol.asyncDispose]());

  const clientFor = async (key: string): Promise<Client> => {
    const client = await createClientAsync(`${url}?wsdl`, { disableCache: true });
    client.addSoapHeader({ ApiKey: key }, '', 'b', SERVICE);
    return client;
  };

  async function faultFrom(call: Promise<unknown>): Promise<Record<string, unknown> & { status: number }> {
    const error = await call.then(
      () => assert.fail('no fault'),
      (thrown: FaultError) => thrown,
    );
    const { Fault } = error.root.Envelope.Body;
    const { code, message } = (Fault.detail as { BookingFault: Record<string, string> }).BookingFault;
    return { status: error.response.status, faultcode: Fault.faultcode, code, message };
  }

  /** Posts a message as it is. */
  const post = (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) =>
    fetch(url, {
      method: 'POST',
      headers: { 'Content-Type': 'text/xml; charset=utf-8', 'X-Api-Key': KEY, ...headers },
      body,
    });
  const envelope = (body: string): string =>
    `<s:Envelope xmlns:s="${ENVELOPE}" xmlns:b="${SERVICE}"><s:Body>${body}</s:Body></s:Envelope>`;
  const getBooking = (reference: string): string =>
    envelope(`<b:GetBooking><b:reference>${reference}</b:reference></b:GetBooking>`);

  test('books and reads by a SOAP client that knows the WSDL alone, and the API knows the booking', async () => {
    const client = await clientFor(KEY);
    const [created] = await client.CreateBookingAsync({
      flightId: world.flightId,
      fareClass: 'FLEX',
      passengers: [
        { ...PASSENGER, title: 'MS', seat: '11A', specialAssistance: true },
        { firstName: 'Björn & <Söhne>', lastName: "O'Neil ✈", infant: true },
      ],
      contactEmail: 'ada@example.com',
      contactPhone: '',
    });
    const booking = created.booking as Booking;
    const fromApi = (await (
      await world.api('GET', `/api/v1/bookings/${booking.id}`, { key: KEY })
    ).json()) as Record<string, never>;
    assert.equal(fromApi.reference, booking.reference);
    assert.equal(fromApi.account_id, 5);
    assert.equal(fromApi.contact_phone, null);

    const [found] = await client.GetBookingAsync({ reference: booking.reference });
    assert.deepEqual(found, created);
    const { id, reference, invoiceNumber, flight, passengers, holdExpiresAt, createdAt, updatedAt, ...rest } =
      booking;
    assert.deepEqual(rest, {
      status: 'HELD',
      fareClass: 'FLEX',
      contactEmail: 'ada@example.com',
      baseAmount: 612.57,
      taxAmount: 73.51,
      totalAmount: 686.08,
      currency: 'EUR',
      version: 1,
    });
    assert.equal(String(rest.totalAmount), fromApi.total_amount);
    assert.match(String(invoiceNumber), /^INV-\d{11}$/);
    const names = (passengers as Record<string, unknown>[]).map(({ id: _id, ...each }) => each);
    assert.deepEqual(names, [
      { ...PASSENGER, title: 'MS', seat: '11A', infant: false, specialAssistance: true },
      { firstName: 'Björn & <Söhne>', lastName: "O'Neil ✈", infant: true, specialAssistance: false },
    ]);
    const held = (holdExpiresAt as Date).getTime() - (createdAt as Date).getTime();
    assert.equal(held, 30 * 60_000);
    assert.deepEqual(updatedAt, createdAt);
    assert.equal((flight as { number: string }).number, 'MA101');
  });

  test('takes a flight by its number and day of departure', async () => {
    const [flight] = await world.sql<{ day: string }>(
      'SELECT departs_at::date::text AS day FROM flights WHERE id = $1',
      [world.otherFlightId],
    );
    const client = await clientFor(KEY);
    const passengers = [PASSENGER];
    const contactEmail = 'ada@example.com';
    const [{ booking }] = await client.CreateBookingAsync({
      flightNumber: 'ma103',
      departureDate: flight?.day,
      passengers,
      contactEmail,
    });
    assert.equal(String(booking.flight.id), world.otherFlightId);
    const elsewhere = { flightNumber: 'MA103', departureDate: '2020-01-01', passengers, contactEmail };
    assert.deepEqual(await faultFrom(client.CreateBookingAsync(elsewhere)), {
      status: 500,
      faultcode: 'soap:Client',
      code: 'BKG-422',
      message: 'flightNumber: no such flight on this day',
    });
  });

  test("refuses as the API does, with its codes, naming fields in the partner's words", async () => {
    const client = await clientFor(KEY);
    const order = (change: object) => ({
      flightId: world.flightId,
      passengers: [{ ...PASSENGER, seat: '15C' }],
      contactEmail: 'ada@example.com',
      ...change,
    });
    await client.CreateBookingAsync(order({}));
    const refused = async (change: object) => {
      const { status, faultcode, code, message } = await faultFrom(client.CreateBookingAsync(order(change)));
      assert.equal(status, 500);
      assert.equal(faultcode, 'soap:Client');
      return `${code} ${message}`;
    };
    assert.equal(await refused({}), 'BKG-409 Seat 15C is taken.');
    assert.equal(await refused({ flightId: 999_999 }), 'BKG-422 flightId: no such flight');
    assert.equal(await refused({ flightId: '12abc' }), 'BKG-422 flightId must be an id');
    assert.equal(
      await refused({ flightId: undefined }),
      'BKG-422 flightId is required, or flightNumber and departureDate',
    );
    assert.equal(
      await refused({ fareClass: 'FIRST' }),
      'BKG-422 fareClass must be one of SAVER, CLASSIC, FLEX',
    );
    assert.equal(
      await refused({ passengers: [{ lastName: 'Lovelace' }] }),
      'BKG-422 passengers[0].firstName is required',
    );
    assert.equal(
      await refused({ passengers: [{ ...PASSENGER, infant: 'maybe' }] }),
      'BKG-422 passengers[0].infant must be true or false',
    );
    assert.equal(await refused({ contactEmail: 'ada' }), 'BKG-422 contactEmail must be an e-mail address');
  });

  test("shows a booking to its partner only, and another's as absent as none", async () => {
    const [{ booking }] = await (await clientFor(KEY)).CreateBookingAsync({
      flightId: world.flightId,
      passengers: [PASSENGER],
      contactEmail: 'ada@example.com',
    });
    const other = await clientFor(OTHER_KEY);
    const absent = { status: 500, faultcode: 'soap:Client', code: 'BKG-404', message: 'No such booking.' };
    for (const reference of [booking.reference, 'ZZZZZZ', 'x', 'UUUUUU', "' OR 1=1 --"]) {
      assert.deepEqual(await faultFrom(other.GetBookingAsync({ reference })), absent);
    }
  });

  test('knows a partner by the HTTP header too, which alone counts where it is there', async () => {
    const client = await clientFor('mk_nobody');
    const refused = {
      status: 500,
      faultcode: 'soap:Client',
      code: 'BKG-401',
      message: 'Please send a valid API key.',
    };
    assert.deepEqual(await faultFrom(client.GetBookingAsync({ reference: 'ZZZZZZ' })), refused);
    client.addHttpHeader('X-Api-Key', KEY);
    assert.equal((await faultFrom(client.GetBookingAsync({ reference: 'ZZZZZZ' }))).code, 'BKG-404');
    const right = await clientFor(KEY);
    right.addHttpHeader('X-Api-Key', 'mk_nobody');
    assert.equal((await faultFrom(right.GetBookingAsync({ reference: 'ZZZZZZ' }))).code, 'BKG-401');
    const none = await createClientAsync(`${url}?wsdl`, { disableCache: true });
    assert.deepEqual(await faultFrom(none.GetBookingAsync({ reference: 'ZZZZZZ' })), refused);
  });

  test('answers a fault byte for byte in the form of SOAP 1.1', async () => {
    const answer = await post(getBooking('ZZZZZZ'));
    assert.equal(answer.status, 500);
    assert.equal(answer.headers.get('content-type'), 'text/xml; charset=utf-8');
    assert.equal(
      await answer.text(),
      `<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="${ENVELOPE}"><soap:Body><soap:Fault>` +
        '<faultcode>soap:Client</faultcode><faultstring>No such booking.</faultstring>' +
        `<detail><BookingFault xmlns="${SERVICE}"><code>BKG-404</code><message>No such booking.</message>` +
        '</BookingFault></detail></soap:Fault></soap:Body></soap:Envelope>',
    );
  });

  test('writes amounts with two decimals and times in UTC, and leaves out what is null', async () => {
    const [{ booking }] = await (await clientFor(KEY)).CreateBookingAsync({
      flightId: world.flightId,
      passengers: [PASSENGER],
      contactEmail: 'ada@example.com',
    });
    const xml = await (await post(getBooking(booking.reference))).text();
    assert.match(xml, /<baseAmount>412\.50<\/baseAmount><taxAmount>49\.50<\/taxAmount><totalAmount>462\.00</);
    assert.match(xml, /<departsAt>\d{4}-\d\d-\d\dT10:00:00Z<\/departsAt>/);
    assert.match(
      xml,
      /<passengers><id>\d+<\/id><firstName>Ada<\/firstName><lastName>Lovelace<\/lastName><infant>/,
    );
    assert.doesNotMatch(xml, /contactPhone|note|title|seat/);
  });

  test('answers a message that is none with a Client fault', async () => {
    for (const body of ['', 'hello', '<a>', getBooking('A').slice(0, -1), '{}']) {
      const answer = await post(body);
      assert.equal(answer.status, 500);
      assert.match(await answer.text(), /<faultcode>soap:Client<\/faultcode>.*<code>BKG-400<\/code>/);
    }
    const latin = await post(new Uint8Array([...Buffer.from(getBooking('A')), 0xff]));
    assert.match(await latin.text(), /not UTF-8/);
    const unknown = await post(envelope('<b:CancelBooking/>'));
    assert.equal(unknown.status, 500);
    assert.match(await unknown.text(), /soap:Client.*GetBooking and CreateBooking/);
    for (const name of ['GetBookingInput', 'GetBookingResponse', 'BookingFault', 'toString']) {
      assert.match(await (await post(envelope(`<b:${name}/>`))).text(), /soap:Client/);
    }
    const action = await post(getBooking('ZZZZZZ'), { SOAPAction: '"http://other.example/CreateBooking"' });
    assert.match(await action.text(), /BKG-404/, 'the body says what is wanted');
    const empty = await post(envelope('<b:GetBooking/>'));
    assert.match(await empty.text(), /reference is required/);
  });

  test('expands no entity and fetches nothing', async () => {
    const requests: string[] = [];
    const trap = createServer((req, res) => {
      requests.push(req.url ?? '');
      res.end('<!ENTITY x "fetched">');
    });
    trap.listen(0, '127.0.0.1');
    await once(trap, 'listening');
    const trapUrl = `http://127.0.0.1:${(trap.address() as { port: number }).port}/evil.dtd`;
    const laughs = Array.from(
      { length: 30 },
      (_, level) => `<!ENTITY l${level + 1} "${`&l${level};`.repeat(10)}">`,
    ).join('');
    const startedMs = performance.now();
    for (const doctype of [
      `<!DOCTYPE r [<!ENTITY l0 "lol">${laughs}]>`,
      '<!DOCTYPE r [<!ENTITY l30 SYSTEM "file:///etc/passwd">]>',
      `<!DOCTYPE r [<!ENTITY l30 SYSTEM "${trapUrl}">]>`,
      `<!DOCTYPE r SYSTEM "${trapUrl}">`,
      `<!DOCTYPE r [<!ENTITY % p SYSTEM "${trapUrl}"> %p;]>`,
    ]) {
      const answer = await post(doctype + getBooking('&l30;'));
      assert.equal(answer.status, 500);
      const text = await answer.text();
      assert.match(text, /must not contain a document type/);
      assert.doesNotMatch(text, /root:|lol/);
    }
    assert.ok(performance.now() - startedMs < 60_000);
    assert.deepEqual(requests, []);
    trap.close();
  });

  test('bounds the body at 1 MB, unpacked too, and the type to text/xml', async () => {
    const padding = (bytes: number) =>
      getBooking('A').replace('<s:Body>', `<!--${'x'.repeat(bytes)}--><s:Body>`);
    const large = await post(padding(1_048_576));
    assert.equal(large.status, 413);
    assert.match(await large.text(), /<faultcode>soap:Client<\/faultcode>.*<code>BKG-413<\/code>/);
    const { gzipSync } = await import('node:zlib');
    const bomb = await post(new Uint8Array(gzipSync(padding(20_000_000))), { 'Content-Encoding': 'gzip' });
    assert.equal(bomb.status, 413);
    const packed = await post(new Uint8Array(gzipSync(getBooking('ZZZZZZ'))), { 'Content-Encoding': 'gzip' });
    assert.match(await packed.text(), /BKG-404/);
    for (const type of ['application/soap+xml', 'application/json', 'text/xml; charset=utf-16']) {
      const answer = await post(getBooking('A'), { 'Content-Type': type });
      assert.equal(answer.status, 415);
      assert.match(await answer.text(), /BKG-415/);
    }
  });

  test('offers the WSDL under the address it was asked at, and nothing else by GET', async () => {
    const answer = await fetch(`${url}?WSDL`);
    assert.equal(answer.headers.get('content-type'), 'text/xml; charset=utf-8');
    assert.match(await answer.text(), new RegExp(`<soap:address location="${url}"/>`));
    const forged = await world.raw(
      'GET /soap/booking?wsdl HTTP/1.1\r\nHost: evil"/><x\r\nConnection: close\r\n\r\n',
    );
    assert.match(forged, /location="http:\/\/localhost\/soap\/booking"/);
    const plain = await fetch(url);
    assert.equal(plain.status, 405);
    assert.equal(plain.headers.get('allow'), 'GET, HEAD, POST');
    assert.equal((await fetch(url, { method: 'DELETE' })).status, 405);
  });

  test('writes names that XML cannot say with the replacement character', async () => {
    const body = {
      flight_id: world.flightId,
      contact_email: 'ada@example.com',
      passengers: [{ first_name: 'A\uffffda]]>', last_name: 'L' }],
    };
    const booked = await world.api('POST', '/api/v1/bookings', { key: KEY, body });
    const { reference } = (await booked.json()) as Booking;
    const [{ booking }] = await (await clientFor(KEY)).GetBookingAsync({ reference });
    assert.equal(booking.passengers[0].firstName, 'A\ufffdda]]>');
  });

  test('calls at the same time answer each caller with his own', async () => {
    const clients = await Promise.all([KEY, OTHER_KEY].map(clientFor));
    const seats = ['28A', '28B', '28C', '28D', '28E', '28F'];
    const bookings = await Promise.all(
      seats.map(async (seat, index) => {
        const client = clients[index % 2] as Client;
        const [{ booking }] = await client.CreateBookingAsync({
          flightId: world.flightId,
          passengers: [{ ...PASSENGER, seat }],
          contactEmail: 'ada@example.com',
        });
        assert.equal(booking.passengers[0].seat, seat);
        return booking.id;
      }),
    );
    const rows = await world.sql<{ account_id: string }>(
      'SELECT account_id FROM bookings WHERE id = ANY($1::bigint[]) ORDER BY array_position($1::bigint[], id)',
      [bookings],
    );
    assert.deepEqual(
      rows.map(({ account_id }) => account_id),
      ['5', '6', '5', '6', '5', '6'],
    );
  });
});

import assert from 'node:assert/strict';
import { before, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { ApiRequest, Caller, OperationId } from '../api.ts';
import type { Contract } from '../contract.ts';
import { describeExchange, type Exchange, headerOf } from '../exchange.ts';
import { newBooking, newFlight, newInvoice, PASSENGER } from '../fixtures.ts';
import type { World } from '../world.ts';

const NO_SUCH_RESOURCE = '{"error":"not_found","message":"No such resource."}';
/** Framing, and what a second's passing changes. */
const VOLATILE = new Set([
  'date',
  'connection',
  'keep-alive',
  'content-length',
  'transfer-encoding',
  'trailer',
]);

export function habitsSuite(world: () => World): void {
  let reads: [OperationId, ApiRequest][];

  before(async () => {
    const { callers, contract } = world();
    const flightId = await newFlight(world());
    const invoice = await newInvoice(world(), callers.alice, flightId);
    const ids: Record<string, number> = {
      getFlight: flightId,
      getSeatMap: flightId,
      streamFlightStatus: flightId,
      getBooking: invoice.booking_id,
      getItinerary: invoice.booking_id,
      getBookingInvoice: invoice.booking_id,
      getInvoice: invoice.id,
      getInvoicePdf: invoice.id,
    };
    const as: Record<string, Caller> = {
      getSession: callers.partner,
      exportBookings: callers.partner,
      exportInvoices: callers.accountant,
    };
    reads = [...contract.operations.values()]
      .filter(({ method }) => method === 'GET')
      .map(({ id }) => [
        id as OperationId,
        {
          as: as[id] ?? callers.alice,
          path: id in ids ? { id: ids[id] } : {},
          query: id === 'searchFlights' ? 'from=LHR&to=JFK&date=2026-11-23' : '',
          ...(id === 'streamFlightStatus' ? { enough: (text: string) => text.includes('data:') } : {}),
        } as ApiRequest,
      ]);
  });

  it('answers HEAD as GET, without the body', async () => {
    const { api } = world();
    for (const [id, request] of reads) {
      const get = await api.send(id, request);
      const head = await api.send(id, { ...request, method: 'HEAD' });
      assert.equal(head.status, 200, id);
      assert.deepEqual(stable(head.exchange), stable(get.exchange), id);
    }
  });

  it('does not mind the case of a path, nor a slash at its end', async () => {
    const { api, raw } = world();
    for (const [id, request] of reads) {
      const plain = api.render(id, request);
      const [path = '', query] = plain.target.split('?');
      const get = await api.send(id, request);
      for (const variant of [path.toUpperCase(), `${path}/`, `${path.replace('/api', '/Api')}/`]) {
        const target = query === undefined ? variant : `${variant}?${query}`;
        const answer = await raw.send({ ...plain, target, enough: request.enough });
        assert.equal(answer.status, 200, describeExchange(answer));
        assert.deepEqual(stable(answer), stable(get.exchange), target);
      }
    }
  });

  it('tells anybody the methods of a path', async () => {
    const { contract, raw, callers } = world();
    for (const [target, methods] of methodsByTarget(contract)) {
      const allow = [...methods, ...(methods.has('GET') ? ['HEAD'] : [])].toSorted().join(', ');
      const answer = await raw.send({ method: 'OPTIONS', target, headers: {} });
      assert.equal(answer.status, 200, describeExchange(answer));
      assert.deepEqual([headerOf(answer, 'Allow'), answer.body.toString()], [allow, allow], target);
      assert.equal(headerOf(answer, 'Content-Type'), 'text/plain');
      assert.equal(headerOf(answer, 'X-Content-Type-Options'), 'nosniff');
      assert.equal(headerOf(answer, 'Set-Cookie'), undefined);
      const known = await raw.send({ method: 'OPTIONS', target, headers: callers.alice.headers });
      assert.ok(headerOf(known, 'Set-Cookie'), target);
    }
  });

  it('knows no other methods and no other paths', async () => {
    const { contract, raw, callers } = world();
    const requests: [string, string][] = [];
    for (const [target, methods] of methodsByTarget(contract)) {
      for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'PROPFIND']) {
        if (!methods.has(method)) requests.push([method, target]);
      }
    }
    for (const path of [
      '',
      '/',
      '/nothing',
      '/bookings/1/2',
      '/invoices/1/2',
      '/bookings/%zz',
      '/bookings//1',
    ]) {
      requests.push(['GET', `/api/v1${path}`], ['POST', `/api/v1${path}`]);
    }
    requests.push(['GET', '/api/v2/bookings'], ['OPTIONS', '/api/v1/nothing']);
    for (const [method, target] of requests) {
      const answer = await raw.send({ method, target, headers: {} });
      const got = [answer.status, answer.body.toString()];
      if (method === 'POST' && target === '/api/v1/bookings') continue;
      assert.deepEqual(got, [404, NO_SUCH_RESOURCE], `${method} ${target}`);
      assert.equal(headerOf(answer, 'Content-Type'), 'application/json; charset=utf-8');
      assert.match(headerOf(answer, 'ETag') ?? '', /^W\//);
    }
    const known = await raw.send({
      method: 'PUT',
      target: '/api/v1/bookings',
      headers: callers.alice.headers,
    });
    assert.ok(headerOf(known, 'Set-Cookie'), 'a path that is none renews the session too');
  });

  it('renews a session on public operations, but not beside a key', async () => {
    const { api, callers } = world();
    const query = 'from=LHR&to=JFK&date=2026-11-23';
    const key = { 'X-Api-Key': 'mk_unknown' };
    const both = await api.expect('searchFlights', 200, {
      query,
      headers: { ...callers.alice.headers, ...key },
    });
    assert.equal(both.header('Set-Cookie'), undefined);
    await api.expect('searchFlights', 200, { as: callers.alice, query });
  });

  it('does not say 304 to who asks for fresh data', async () => {
    const { api, callers } = world();
    const headers = { 'If-None-Match': '*', 'Cache-Control': 'no-cache' };
    await api.expect('getProfile', 200, { as: callers.alice, headers });
  });

  it('reads compressed bodies, and measures them unpacked', async () => {
    const { api, callers } = world();
    const as = callers.alice;
    const flightId = await newFlight(world());
    const json = { flight_id: flightId, passengers: [PASSENGER], contact_email: 'a@example.com' };
    const packed = (value: object) => ({
      body: { type: 'application/json', bytes: gzipSync(JSON.stringify(value)) },
      headers: { 'Content-Encoding': 'gzip' },
    });
    await api.expect('createBooking', 201, { as, ...packed(json) });
    await api.expect('createBooking', 413, { as, ...packed({ pad: 'x'.repeat(1_048_577) }) });
    await api.expect('createBooking', 415, { as, json, headers: { 'Content-Encoding': 'rot13' } });
    const broken = { type: 'application/json', bytes: 'not gzip' };
    await api.expect('createBooking', 400, { as, body: broken, headers: { 'Content-Encoding': 'gzip' } });
    const exact = { type: 'application/json', bytes: `{"pad":"${'x'.repeat(1_048_576 - 10)}"}` };
    await api.expect('createBooking', 422, { as, body: exact });
  });

  it('takes SQL, markup and control characters for the text they are', async () => {
    const { api, callers } = world();
    const as = callers.alice;
    const note = `'; DROP TABLE bookings; -- <script>alert("1")</script> ${'\u{1F6EB}'} \\ %00`;
    const booking = await newBooking(world(), as, await newFlight(world()), { note });
    assert.equal(booking.note, note);
    const nul = await api.send('updateBooking', { as, path: { id: booking.id }, json: { note: 'a\u0000b' } });
    assert.equal(nul.status, 422);
    const path = { id: booking.id };
    const lines = await api.expect('updateBooking', 200, { as, path, json: { note: 'one\n\ttwo' } });
    assert.equal(lines.body.note, 'one\n\ttwo');
    await api.expect('updateBooking', 422, { as, path, json: { contact_phone: '1\u00072' } });
    await api.expect('updateProfile', 422, { as, json: { name: 'Alice\nAllison' } });
    for (const query of [
      "status='",
      "flight_id=1'--",
      'created_from=%00',
      'account_id=1 OR 1=1',
      '%',
      'a=%zz&=&&',
    ]) {
      await api.expect('listBookings', 200, { as, query: query.replaceAll(' ', '+') });
    }
  });
}

/** A target of each path, with the methods of all paths that match it: `export.csv` is an id too. */
function methodsByTarget(contract: Contract): Map<string, Set<string>> {
  const operations = [...contract.operations.values()];
  const targets = new Set(operations.map(({ path }) => path.replace('{id}', '1')));
  return new Map(
    [...targets].map((target) => {
      const matching = operations.filter(({ path }) =>
        new RegExp(`^${path.replace('{id}', '[^/]+')}$`).test(target),
      );
      return [target, new Set(matching.map(({ method }) => method))];
    }),
  );
}

/** Headers that must be the same whichever way a resource is asked for. */
function stable(exchange: Exchange): [string, string][] {
  return exchange.headers
    .filter(([name]) => !VOLATILE.has(name.toLowerCase()))
    .map(([name, value]) => [name, value.replace(/Expires=[^;]*/, 'Expires=…')]);
}

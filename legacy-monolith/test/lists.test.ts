import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createClient, logIn } from './support/client.ts';
import { KEYS, startMonolith } from './support/monolith.ts';

const monolith = await startMonolith({ after });
const { pool } = monolith.monolith;
const anybody = createClient(monolith.port);
const agent = await logIn(monolith.port, 'agent@meridian.example');
const PATH = '/api/v1/bookings';

test('pages link to one another with the filters that took effect, in documented order', async () => {
  const query =
    'created_to=2026-12-31&page=2&nonsense=1&per_page=7&status=CONFIRMED&flight_id=x&created_from=2026-02-30';
  const answer = await agent.get(`/bookings?${query}`);
  const total = Number(answer.headers['x-total-count']);
  assert.equal(answer.json.length, 7);
  const link = (rel: string, page: number) =>
    `<${PATH}?status=CONFIRMED&created_to=2026-12-31&page=${page}&per_page=7>; rel="${rel}"`;
  assert.equal(
    answer.headers.link,
    [link('first', 1), link('prev', 1), link('next', 3), link('last', Math.ceil(total / 7))].join(', '),
  );
});

test('the pages together are the whole list, newest first', async () => {
  const ids: number[] = [];
  for (let path: string | undefined = `${PATH}?per_page=100`; path; ) {
    const answer = await agent.get(path);
    ids.push(...answer.json.map(({ id }: { id: number }) => id));
    path = /<([^>]+)>; rel="next"/.exec(answer.headers.link as string)?.[1];
  }
  assert.equal(ids.length, 200);
  assert.deepEqual(
    ids,
    ids.toSorted((one, other) => other - one),
  );
});

test('past the last page: nothing, with first, prev and last', async () => {
  const answer = await agent.get('/bookings?page=999999999999999&per_page=100');
  assert.equal(answer.text, '[]');
  assert.equal(answer.headers['x-total-count'], '200');
  const link = (rel: string, page: number) => `<${PATH}?page=${page}&per_page=100>; rel="${rel}"`;
  assert.equal(answer.headers.link, [link('first', 1), link('prev', 2), link('last', 2)].join(', '));
});

test('an empty list has no Link', async () => {
  const answer = await agent.get('/bookings?flight_id=999999999999999999');
  assert.deepEqual(
    [answer.text, answer.headers['x-total-count'], answer.headers.link],
    ['[]', '0', undefined],
  );
});

test('garbage in page and per_page means the default, too much means 100, the last of a key counts', async () => {
  const sizes = {
    'per_page=x': 20,
    'per_page=0': 20,
    'per_page=-3': 20,
    'per_page=101': 100,
    'per_page=': 20,
  };
  for (const [query, size] of Object.entries(sizes)) {
    assert.equal((await agent.get(`/bookings?page=zero&${query}`)).json.length, size, query);
  }
  assert.equal((await agent.get('/bookings?per_page=50&per_page=3')).json.length, 3);
});

test('filters select what they name', async () => {
  const held = (await agent.get('/bookings?status=HELD&per_page=100')).json;
  assert.ok(held.length > 0 && held.every(({ status }: { status: string }) => status === 'HELD'));
  const day = held[0].created_at.slice(0, 10);
  const ofDay = (await agent.get(`/bookings?created_from=${day}&created_to=${day}&per_page=100`)).json;
  assert.ok(ofDay.some(({ id }: { id: number }) => id === held[0].id));
  assert.ok(ofDay.every(({ created_at }: { created_at: string }) => created_at.startsWith(day)));
  const ofBob = (await agent.get('/bookings?account_id=2')).json;
  assert.ok(ofBob.length > 0 && ofBob.every(({ account_id }: { account_id: number }) => account_id === 2));
  assert.equal((await agent.get('/bookings?status=held')).headers['x-total-count'], '200');
});

test('customers and partners see their own, whatever account_id says; accountants nothing', async () => {
  const alice = await logIn(monolith.port, 'alice@example.com');
  const own = await alice.get('/bookings?account_id=2&per_page=100');
  assert.ok(own.json.every(({ account_id }: { account_id: number }) => account_id === 1));
  assert.ok(!(own.headers.link as string).includes('account_id'));
  const partner = createClient(monolith.port, { 'x-api-key': KEYS.globetrotter });
  const { rows } = await pool.query('SELECT count(*) FROM bookings WHERE account_id = 5');
  assert.equal((await partner.get('/bookings')).headers['x-total-count'], rows[0].count);
  const accountant = await logIn(monolith.port, 'accounts@meridian.example');
  assert.equal((await accountant.get('/bookings')).json.code, 'BKG-403');
});

test('a list has a weak tag and is answered with 304', async () => {
  const answer = await agent.get('/bookings');
  assert.match(answer.headers.etag as string, /^W\//);
  const again = await agent.get('/bookings', { 'if-none-match': answer.headers.etag as string });
  assert.deepEqual([again.status, again.headers['x-total-count']], [304, '200']);
});

test('flights of a route on a day, in either case, by departure', async () => {
  const { rows } = await pool.query(
    `SELECT origin, destination, departs_at::date::text AS day FROM flights WHERE departs_at > '2026-11-23' LIMIT 1`,
  );
  const { origin, destination, day } = rows[0];
  const answer = await anybody.get(`/flights?from=${origin.toLowerCase()}&to=${destination}&date=${day}`);
  assert.equal(answer.headers['x-total-count'], '1');
  assert.deepEqual(Object.keys(answer.json[0]), [
    ...['id', 'number', 'from', 'to', 'departs_at', 'arrives_at', 'aircraft', 'status', 'gate', 'base_fare'],
    'currency',
  ]);
  assert.ok(
    (answer.headers.link as string).startsWith(
      `</api/v1/flights?from=${origin}&to=${destination}&date=${day}&page=1`,
    ),
  );
  const one = await anybody.get(`/flights/${answer.json[0].id}`);
  assert.equal(`[${one.text}]`, answer.text);
});

test('a search names its first fault', async () => {
  const faults: [string, string, string][] = [
    ['', 'from', 'from is required'],
    ['from=LHR', 'to', 'to is required'],
    ['from=L1R&to=JFK', 'from', 'from must be an airport code of three letters'],
    ['from=LHR&to=JFK', 'date', 'date is required'],
    ['from=LHR&to=JFK&date=2026-02-29', 'date', 'date must be a day, YYYY-MM-DD'],
  ];
  for (const [query, field, message] of faults) {
    const answer = await anybody.get(`/flights?${query}`);
    assert.equal(answer.status, 422);
    assert.equal(answer.text, JSON.stringify({ error: 'invalid', message, field }));
  }
});

test('the seat map lists claimed seats by row and column', async () => {
  const { rows } = await pool.query(
    'SELECT flight_id, count(*)::integer FROM seat_claims GROUP BY 1 ORDER BY 2 DESC LIMIT 1',
  );
  const map = (await agent.get(`/flights/${rows[0].flight_id}/seats`)).json;
  assert.deepEqual(Object.keys(map), ['flight_id', 'aircraft', 'rows', 'columns', 'taken', 'picked']);
  assert.equal(map.taken.length, rows[0].count);
  const order = (seat: string) => Number(seat.slice(0, -1)) * 100 + seat.charCodeAt(seat.length - 1);
  assert.deepEqual(
    map.taken,
    map.taken.toSorted((one: string, other: string) => order(one) - order(other)),
  );
});

test('what does not exist is the general 404, also under the paths of other families', async () => {
  const none = '{"error":"not_found","message":"No such resource."}';
  for (const [method, path] of [
    ['GET', '/nowhere'],
    ['PUT', '/bookings'],
    ['POST', '/bookings/1'],
    ['DELETE', '/flights/1'],
    ['GET', '/bookings/1/nothing'],
    ['GET', '/bookings/%ZZ'],
    ['GET', '/api/v2/session'],
  ] as const) {
    const answer = await agent.call(path, { method });
    assert.deepEqual([answer.status, answer.text], [404, none], `${method} ${path}`);
  }
  assert.equal((await anybody.get('/flights/abc')).text, '{"error":"not_found","message":"No such flight."}');
});

test('paths are taken in any case and with a slash; OPTIONS and HEAD are answered', async () => {
  assert.equal((await agent.get('/api/v1/BOOKINGS/')).status, 200);
  assert.equal((await agent.get('/api/V1/Flights/1/')).status, 200);
  const options = await anybody.call('/flights/1', { method: 'OPTIONS' });
  assert.deepEqual([options.status, options.headers.allow, options.text], [200, 'GET, HEAD', 'GET, HEAD']);
  const head = await anybody.call('/flights/1', { method: 'HEAD' });
  const get = await anybody.get('/flights/1');
  assert.deepEqual(
    [head.status, head.text, head.headers['content-length'], head.headers.etag],
    [200, '', get.headers['content-length'], get.headers.etag],
  );
  assert.equal(get.headers['x-powered-by'], 'Express');
});

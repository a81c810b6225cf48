import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { until } from '@banyan/stack/testing/until';
import { createLiveWorld, KEY, type LiveWorld } from './live-world.ts';

const HANDSHAKE = [
  'Host: meridian.example',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
];

const request = (target: string, ...headers: string[]): string =>
  [`GET ${target} HTTP/1.1`, ...HANDSHAKE, ...headers, '', ''].join('\r\n');

/** The lines of an answer's head, without those that change, and its body. */
function parts(answer: string): { head: string[]; body: string } {
  const [head = '', body = ''] = answer.split('\r\n\r\n', 2);
  return { head: head.split('\r\n').filter((line) => !/^(Date|ETag|Expires):/i.test(line)), body };
}

describe('a request for an upgrade', () => {
  let world: LiveWorld;
  before(async () => {
    world = await createLiveWorld();
  });
  after(() => world[Symbol.asyncDispose]());

  test('without a session or key gets the common 401, byte for byte, and the connection ends', async () => {
    for (const headers of [[], ['X-Api-Key: mk_nobody'], ['Cookie: MERIDIANSESSID=s%3Adead.beef']]) {
      const answer = parts(await world.raw(request(`/ws/seats?flight_id=${world.flightId}`, ...headers)));
      assert.deepEqual(answer, {
        head: [
          'HTTP/1.1 401 Unauthorized',
          'X-Powered-By: Express',
          'WWW-Authenticate: Session realm="Meridian Air"',
          'Content-Type: application/json; charset=utf-8',
          'Content-Length: 75',
          'Connection: close',
        ],
        body: '{"error":"unauthorized","message":"Please log in or send a valid API key."}',
      });
    }
  });

  test('for a flight that does not exist gets the general 404', async () => {
    const cookie = await world.logIn('alice@example.com');
    for (const query of ['?flight_id=999999', '?flight_id=x', '?flight_id=', '']) {
      const { head, body } = parts(await world.raw(request(`/ws/seats${query}`, `Cookie: ${cookie}`)));
      assert.equal(head[0], 'HTTP/1.1 404 Not Found');
      assert.equal(body, '{"error":"not_found","message":"No such flight."}');
      assert.ok(head.includes('Connection: close'));
      assert.ok(
        head.some((line) => line.startsWith(`Set-Cookie: ${cookie}`)),
        'a refusal renews the session, as every answer does',
      );
    }
  });

  test('for another path gets 404 and the connection ends', async () => {
    for (const target of [
      '/',
      '/ws',
      '/ws/seats/1',
      '/api/v1/session',
      '/api/v1/flights/1',
      '*',
      '//ws/seats',
    ]) {
      assert.deepEqual(parts(await world.raw(request(target, `X-Api-Key: ${KEY}`))), {
        head: [
          'HTTP/1.1 404 Not Found',
          'Content-Type: application/json; charset=utf-8',
          'Content-Length: 51',
          'Connection: close',
        ],
        body: '{"error":"not_found","message":"No such resource."}',
      });
    }
  });

  test('to another protocol is served as if it had not asked', async () => {
    const answer = await world.raw(
      `GET /api/v1/session HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA\r\nX-Api-Key: ${KEY}\r\n\r\n`,
    );
    assert.match(answer, /^HTTP\/1\.1 200 OK\r\n/);
  });

  test('that is no proper handshake gets 400, and gives its place back', async () => {
    const target = `/ws/seats?flight_id=${world.flightId}`;
    for (let count = 0; count < 25; count += 1) {
      const broken = request(target, `X-Api-Key: ${KEY}`).replace(/Sec-WebSocket-Key: .*\r\n/, '');
      assert.match(await world.raw(broken), /^HTTP\/1\.1 400 Bad Request\r\n/);
    }
    (await world.look()).socket.close();
  });

  test('that brings a body is answered like any other, refused or accepted, and the process lives', async () => {
    const target = `/ws/seats?flight_id=${world.flightId}`;
    for (const body of ['', 'ab', 'abcde', 'abcdefgh']) {
      assert.match(
        await world.raw(request('/', 'Content-Length: 5') + body),
        /^HTTP\/1\.1 404 Not Found\r\n/,
      );
      const refused = await world.raw(request(target, 'Content-Length: 5') + body);
      assert.match(refused, /^HTTP\/1\.1 401 Unauthorized\r\n/);
    }
    const broken = request(target, `X-Api-Key: ${KEY}`, 'Transfer-Encoding: chunked').replace(
      /Sec-WebSocket-Key: dG.*\r\n/,
      '',
    );
    assert.match(await world.raw(`${broken}0\r\n\r\n`), /^HTTP\/1\.1 400 Bad Request\r\n/);
    (await world.look()).socket.close();
  });

  test('by plain GET is answered with 426', async () => {
    const answer = await world.api('GET', `/ws/seats?flight_id=${world.flightId}`, { key: KEY });
    assert.equal(answer.status, 426);
    assert.equal(answer.headers.get('upgrade'), 'websocket');
    assert.equal(((await answer.json()) as { error: string }).error, 'upgrade_required');
    assert.equal((await world.api('GET', '/ws/seats?flight_id=1')).status, 401);
  });

  test('of a live session is accepted with the renewed cookie, and the stored session lives longer', async () => {
    const cookie = await world.logIn('alice@example.com');
    // Sessions end by the monolith's machine, which need not agree with the database's.
    const startedS = Date.now() / 1000;
    await world.sql('UPDATE session SET expire = to_timestamp($1)', [startedS + 60]);
    const viewer = await world.look({ cookie });
    const setCookie = [viewer.headers['set-cookie'] ?? []].flat();
    assert.equal(setCookie.length, 1);
    assert.match(
      setCookie[0] ?? '',
      /^MERIDIANSESSID=[^;]+; Path=\/; Expires=[^;]+ GMT; HttpOnly; SameSite=Lax$/,
    );
    assert.equal(setCookie[0]?.split(';')[0], cookie);
    const expires = Date.parse(/Expires=([^;]+)/.exec(setCookie[0] ?? '')?.[1] ?? '');
    assert.ok(Math.abs(expires - Date.now() - 1_800_000) < 60_000);
    assert.equal(viewer.headers['x-powered-by'], 'Express');
    const prolonged = 'SELECT 1 FROM session WHERE expire > to_timestamp($1)';
    await until(async () => (await world.sql(prolonged, [startedS + 29 * 60])).length === 1, {
      deadlineMs: 20_000,
    });
    viewer.socket.close();
  });

  test('with an API key is accepted without a cookie, whatever session it also has', async () => {
    const viewer = await world.look();
    assert.equal(viewer.headers['set-cookie'], undefined);
    viewer.socket.close();
  });
});

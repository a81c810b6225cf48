import assert from 'node:assert/strict';
import { it } from 'node:test';
import { headerOf, setSession } from '../exchange.ts';
import { NO_OBJECT, NOT_JSON, PLAIN_TEXT, TOO_LARGE } from '../fixtures.ts';
import type { World } from '../world.ts';

const ALICE = { email: 'alice@example.com', password: 'meridian' };
const UNAUTHORIZED = '{"error":"unauthorized","message":"Please log in or send a valid API key."}';

export function sessionSuite(world: () => World): void {
  it('logs in by JSON, and tells who it is', async () => {
    const { body } = await world().api.expect('createSession', 200, { json: ALICE });
    assert.equal(body.account_id, 1);
    assert.equal(body.role, 'customer');
    assert.equal(body.via, 'session');
  });

  it('logs in by form, and goes on to local paths only', async () => {
    const { api } = world();
    const next = async (path: string) =>
      (await api.expect('createSession', 302, { form: { ...ALICE, next: path } })).header('Location');
    assert.equal(await next('/bookings/41?x=1'), '/bookings/41?x=1');
    for (const path of ['', 'bookings', '//evil.example', '/\\evil.example', 'https://evil.example/']) {
      assert.equal(await next(path), '/bookings', path);
    }
    const html = await api.expect('createSession', 302, { form: ALICE, headers: { Accept: 'text/html' } });
    assert.match(html.header('Content-Type') ?? '', /^text\/html/);
    const neither = await world().raw.send({
      method: 'POST',
      target: '/api/v1/session',
      headers: { Accept: 'image/png', 'Content-Type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(ALICE).toString(),
    });
    const got = [neither.status, headerOf(neither, 'Content-Type'), neither.body.length];
    assert.deepEqual(got, [302, undefined, 0]);
  });

  it('gives every log-in an id of its own, and ends the one before', async () => {
    const { api, logIn } = world();
    const first = await logIn(ALICE.email);
    const { exchange } = await api.expect('createSession', 200, {
      json: ALICE,
      headers: first.headers,
    });
    assert.notEqual(setSession(exchange), first.headers.Cookie);
    await api.expect('getSession', 401, { headers: first.headers });
  });

  it('does not tell a wrong password from an unknown address, nor from a partner', async () => {
    const { api, callers } = world();
    const wrong = [
      { ...ALICE, password: 'wrong' },
      { ...ALICE, email: 'nobody@example.com' },
      { email: 'partner@globetrotter.example', password: 'meridian' },
    ];
    for (const json of wrong) {
      const { text } = await api.expect('createSession', 403, { json });
      assert.equal(text, '{"error":"invalid_credentials","message":"E-mail or password is wrong."}');
    }
    await api.expect('createSession', 403, { as: callers.bob, form: { ...ALICE, password: 'wrong' } });
  });

  it('refuses log-ins that are no log-ins', async () => {
    const { api } = world();
    await api.expect('createSession', 400, { body: NOT_JSON });
    await api.expect('createSession', 400, { body: NO_OBJECT });
    await api.expect('createSession', 413, { body: TOO_LARGE });
    await api.expect('createSession', 415, { body: PLAIN_TEXT });
    await api.expect('createSession', 415, { body: { type: null, bytes: '{}' } });
    assert.equal((await api.expect('createSession', 422, { json: {} })).body.field, 'email');
    const noPassword = await api.expect('createSession', 422, { form: { email: ALICE.email, password: '' } });
    assert.equal(noPassword.body.field, 'password');
  });

  it('knows sessions and keys, and renews sessions only', async () => {
    const { api, callers } = world();
    for (const as of [callers.alice, callers.agent, callers.accountant]) {
      assert.equal((await api.expect('getSession', 200, { as })).body.via, 'session');
    }
    const key = await api.expect('getSession', 200, { as: callers.partner });
    assert.deepEqual([key.body.role, key.body.via, key.body.expires_at], ['partner', 'api_key', null]);
    await api.expect('getSession', 304, { as: callers.alice, headers: { 'If-None-Match': '*' } });
    const etag = key.header('ETag') ?? '';
    await api.expect('getSession', 304, { as: callers.partner, headers: { 'If-None-Match': etag } });
  });

  it('says when the session ends after this renewal, not the one before', async () => {
    const { api, logIn, sql } = world();
    const as = await logIn(ALICE.email);
    const soon = new Date(Date.now() + 600_000);
    await sql(
      `UPDATE session SET expire = expire - interval '20 minutes',
              sess = jsonb_set(sess::jsonb, '{cookie,expires}', to_jsonb($1::text))::json
       WHERE sid = (SELECT sid FROM session ORDER BY expire DESC LIMIT 1)`,
      [soon.toISOString()],
    );
    const answer = await api.expect('getSession', 200, { as });
    const cookieEnds = Date.parse(/Expires=([^;]*)/.exec(answer.header('Set-Cookie') ?? '')?.[1] ?? '');
    const bodyEnds = Date.parse(`${answer.body.expires_at?.replace(' ', 'T')}Z`);
    assert.ok(Math.abs(cookieEnds - bodyEnds) <= 2000, `${answer.body.expires_at}`);
  });

  it('answers one 401, byte for byte, to nobody, dead sessions and bad keys alike', async () => {
    const { api, callers, sql, logIn } = world();
    const bad: Record<string, string>[] = [
      {},
      { Cookie: 'MERIDIANSESSID=s%3Anobody.Zm9v' },
      { Cookie: 'MERIDIANSESSID=rubbish' },
      { 'X-Api-Key': 'mk_unknown' },
      { 'X-Api-Key': '' },
      // The key alone counts, though the session beside it is alive.
      { ...callers.alice.headers, 'X-Api-Key': 'mk_unknown' },
    ];
    for (const headers of bad) {
      const { text } = await api.expect('getSession', 401, { headers });
      assert.equal(text, UNAUTHORIZED);
    }
    const expired = await logIn(ALICE.email);
    await sql(
      `UPDATE session SET expire = to_timestamp($1)
       WHERE sid = (SELECT sid FROM session ORDER BY expire DESC LIMIT 1)`,
      // Sessions end by the monolith's machine, which need not agree with the database's.
      [Date.now() / 1000 - 24 * 3600],
    );
    await api.expect('getSession', 401, { headers: expired.headers });
  });

  it('does not know a revoked key', async () => {
    const { api, callers, sql } = world();
    const revoke = (value: string) =>
      sql(`UPDATE api_keys SET revoked_at = ${value} WHERE account_id = 6 RETURNING 1`);
    assert.ok((await revoke('now()')).length > 0);
    await api.expect('getSession', 401, { as: callers.skyways });
    await revoke('NULL');
    await api.expect('getSession', 200, { as: callers.skyways });
  });

  it('logs out, and only sessions', async () => {
    const { api, callers, logIn } = world();
    const as = await logIn('bob@example.com');
    await api.expect('deleteSession', 204, { as });
    await api.expect('getSession', 401, { headers: as.headers });
    await api.expect('deleteSession', 401, { headers: as.headers });
    const { body } = await api.expect('deleteSession', 403, { as: callers.partner });
    assert.equal(body.message, 'API keys cannot log out.');
  });
}

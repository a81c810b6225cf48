import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import type { HeaderLine } from '@banyan/gateway/carve-out';
import { meridianIdentity } from '../meridian.ts';
import { asPairs, caller, logIn, requestHeaders, send, startWorld } from './world.ts';

const GLOBETROTTER = 'mk_demo_globetrotter_0001';
const { port, pool } = await startWorld(after);

/** Asks as the gateway does: with the credential alone. */
async function ask(...lines: HeaderLine[]) {
  const credential = meridianIdentity.credentialOf(requestHeaders(...lines));
  const answer = await send(port, 'GET', meridianIdentity.ask.path, credential.headers);
  return { credential, answer, caller: meridianIdentity.read(answer, credential) };
}

describe('a caller', () => {
  for (const [email, identity] of [
    ['bob@example.com', { account: '2', role: 'customer', name: 'Bob Ødegård' }],
    ['agent@meridian.example', { account: '3', role: 'agent', name: 'Agnes Brown' }],
    ['accounts@meridian.example', { account: '4', role: 'accountant', name: 'Arthur Clarke' }],
  ] as const) {
    it(`with a session is known: ${identity.role}`, async () => {
      const cookie = await logIn(port, email);
      const askedAt = Date.now();
      const found = caller((await ask(['Cookie', cookie])).caller);
      assert.deepEqual(found.identity, { ...identity, via: 'session' });
      const endsAt = found.expiresAt?.getTime() ?? 0;
      // In whole seconds.
      assert.ok(endsAt > askedAt + 1_798_000, `ends ${endsAt - askedAt} ms after the question`);
      assert.ok(endsAt <= Date.now() + 1_800_000, `ends in ${endsAt - Date.now()} ms`);
    });
  }

  it('with a key is known, for as long as the key is, and nothing is renewed', async () => {
    const found = caller((await ask(['X-Api-Key', GLOBETROTTER])).caller);
    assert.deepEqual(found, {
      identity: { account: '5', role: 'partner', name: 'Globetrotter Travel', via: 'api_key' },
      expiresAt: null,
    });
  });

  it('with an id beyond what a float holds is known exactly', async () => {
    const id = '900719925474099301';
    await pool.query(
      `UPDATE api_keys SET account_id = $1 WHERE account_id = (
         SELECT id FROM accounts WHERE email = 'partner@skyways.example')`,
      [await addAccount(id)],
    );
    assert.equal(caller((await ask(['X-Api-Key', 'mk_demo_skyways_0002'])).caller).identity.account, id);
  });

  it('with a revoked key, an ended session, a log-out behind it or nothing gets the one 401', async () => {
    const plain = await send(port, 'GET', '/api/v1/invoices', []);
    assert.equal(plain.status, 401);

    await pool.query('UPDATE api_keys SET revoked_at = now() WHERE account_id = 5');
    const revoked = await ask(['X-Api-Key', GLOBETROTTER]);
    await pool.query('UPDATE api_keys SET revoked_at = NULL WHERE account_id = 5');

    const ended = await logIn(port, 'bob@example.com');
    await pool.query(
      `UPDATE session SET expire = now() - interval '1 second' WHERE sess->>'account_id' = '2'`,
    );
    const out = await logIn(port, 'alice@example.com');
    assert.equal((await send(port, 'DELETE', '/api/v1/session', [['Cookie', out]])).status, 204);

    for (const { caller, answer } of [
      revoked,
      await ask(['Cookie', ended]),
      await ask(['Cookie', out]),
      await ask(),
      await ask(['Cookie', 'MERIDIANSESSID=s%3Aforged.signature']),
    ]) {
      assert.equal(caller, null);
      assert.deepEqual(withoutDate(answer.headers), withoutDate(plain.headers));
      assert.deepEqual(answer.body, plain.body);
    }
  });
});

describe('a credential is read as the monolith reads it', async () => {
  const alice = await logIn(port, 'alice@example.com');
  const bob = await logIn(port, 'bob@example.com');
  const value = decodeURIComponent(alice.slice('MERIDIANSESSID='.length));
  const cases: Record<string, HeaderLine[]> = {
    'a session among other cookies': [['Cookie', `a=1; ${alice}; b="2"`]],
    'a session in the second Cookie line': [
      ['Cookie', 'a=1'],
      ['cookie', alice],
    ],
    'two sessions: the first': [['Cookie', `${alice}; ${bob}`]],
    'two sessions in two lines: the first': [
      ['Cookie', bob],
      ['Cookie', alice],
    ],
    'a session not encoded': [['Cookie', `MERIDIANSESSID=${value}`]],
    'a session encoded to the last character': [
      [
        'Cookie',
        `MERIDIANSESSID=${[...value].map((each) => `%${each.charCodeAt(0).toString(16)}`).join('')}`,
      ],
    ],
    'a session in quotes': [['Cookie', `MERIDIANSESSID="${encodeURIComponent(value)}"`]],
    'a session with blanks around': [['Cookie', `  MERIDIANSESSID =  ${encodeURIComponent(value)}  ;x=y`]],
    'an empty session before a good one': [['Cookie', `MERIDIANSESSID=; ${alice}`]],
    'a name in another case': [['Cookie', alice.toLowerCase()]],
    'a session that is not signed': [['Cookie', `MERIDIANSESSID=${value.slice(2)}`]],
    'a session that cannot be decoded': [['Cookie', 'MERIDIANSESSID=s%3Aa%zz.b']],
    'a signature that cannot be decoded': [['Cookie', 'MERIDIANSESSID=s:a%zz.b']],
    'bytes beyond ASCII': [['Cookie', 'MERIDIANSESSID=s:\xe9\xff.b']],
    'a good session with more behind it': [['Cookie', `${alice}x`]],
    'no cookie at all': [['Cookie', ';;;=;']],
    'a name of JavaScript': [['Cookie', `__proto__=1; constructor=2; ${alice}`]],
    'a key beside a session': [
      ['X-Api-Key', GLOBETROTTER],
      ['Cookie', alice],
    ],
    'a wrong key beside a session': [
      ['X-Api-Key', 'mk_wrong'],
      ['Cookie', alice],
    ],
    'an empty key beside a session': [
      ['X-Api-Key', ''],
      ['Cookie', alice],
    ],
    'a key given twice': [
      ['X-Api-Key', GLOBETROTTER],
      ['X-API-KEY', GLOBETROTTER],
    ],
    'a key with blanks around': [['X-Api-Key', `  ${GLOBETROTTER}\t`]],
    'a key beyond ASCII': [['X-Api-Key', 'mk_\xe9']],
  };
  for (const [what, lines] of Object.entries(cases)) {
    it(what, async () => {
      const whole = await send(port, 'GET', '/api/v1/session', lines);
      const { answer, caller: found } = await ask(...lines);
      assert.equal(answer.status, whole.status);
      const body = JSON.parse(whole.body.toString());
      if (whole.status === 200) {
        assert.equal(found?.identity.account, String(body.account_id));
        assert.equal(found?.identity.via, body.via);
      } else assert.deepEqual(answer.body, whole.body);
    });
  }

  it('and two of one session are one credential, of different ones different', () => {
    const keyOf = (...lines: HeaderLine[]) => meridianIdentity.credentialOf(requestHeaders(...lines)).key;
    assert.equal(keyOf(['Cookie', alice]), keyOf(['Cookie', `x=y; MERIDIANSESSID=${value}`]));
    assert.notEqual(keyOf(['Cookie', alice]), keyOf(['Cookie', bob]));
    assert.notEqual(keyOf(['X-Api-Key', value]), keyOf(['Cookie', alice]));
    assert.notEqual(keyOf(), keyOf(['X-Api-Key', '']));
  });
});

describe('renewal', () => {
  it("is the monolith's own Set-Cookie of that moment, on any operation", async () => {
    const cookie = await logIn(port, 'alice@example.com');
    const { credential, caller: found } = await ask(['Cookie', cookie]);
    for (const path of ['/api/v1/bookings', '/api/v1/invoices/999999999', '/api/v1/nowhere']) {
      const [before, own, afterwards] = await ownRenewal(path, cookie);
      const seconds = Math.ceil((afterwards - before) / 1_000);
      const ours = Array.from({ length: seconds + 1 }, (_, second) => {
        const at = new Date(Math.min(before + second * 1_000, afterwards));
        return caller(found)
          .renew?.(credential, at)
          .map(([name, value]) => `${name}: ${value}`)[0];
      });
      assert.ok(ours.includes(`Set-Cookie: ${own}`), `${own} is none of ${ours.join(', ')}`);
    }
  });

  it('takes the session from the request at hand, and keeps none', async () => {
    const { caller: found } = await ask(['Cookie', await logIn(port, 'alice@example.com')]);
    const other = meridianIdentity.credentialOf(requestHeaders(['Cookie', 'MERIDIANSESSID=s:other.sig']));
    const [[, value] = ['', '']] = caller(found).renew?.(other, new Date(0)) ?? [];
    assert.equal(
      value,
      'MERIDIANSESSID=s%3Aother.sig; Path=/; Expires=Thu, 01 Jan 1970 00:30:00 GMT; HttpOnly; SameSite=Lax',
    );
  });

  it('keeps the time of a monolith whose sessions are shorter', async (t) => {
    const brief = await startWorld(t.after.bind(t), { MERIDIAN_SESSION_TTL_MS: '60000' });
    const lines: HeaderLine[] = [['Cookie', await logIn(brief.port, 'alice@example.com')]];
    const credential = meridianIdentity.credentialOf(requestHeaders(...lines));
    const before = Date.now();
    const answer = await send(brief.port, 'GET', '/api/v1/session', lines);
    const tookMs = Date.now() - before;
    const [[, value] = ['', '']] =
      caller(meridianIdentity.read(answer, credential)).renew?.(credential, new Date(0)) ?? [];
    const livesMs = Date.parse(/Expires=([^;]*)/.exec(value)?.[1] ?? '');
    // Both the end and the date of an answer are in whole seconds, each of a moment while it was made.
    assert.ok(Math.abs(livesMs - 60_000) <= tookMs + 1_000, `${value}, answered in ${tookMs} ms`);
  });
});

describe('an answer that is neither', () => {
  for (const [what, status, body] of [
    ['a 404', 404, '{}'],
    ['a 302', 302, ''],
    ['no JSON', 200, '<html>'],
    ['null', 200, 'null'],
    ['an unknown role', 200, session({ role: 'root' })],
    ['an id that is text', 200, session({ account_id: 'x' })],
    ['an id that is a fraction', 200, session({ account_id: 1.5 })],
    ['a session without an end', 200, session({ expires_at: null })],
    ['an end that is no time', 200, session({ expires_at: 'soon' })],
  ] as const) {
    it(`is not understood: ${what}`, () => {
      const answer = {
        status,
        headers: asPairs(['Date', new Date(0).toUTCString()]),
        body: Buffer.from(body),
      };
      assert.throws(() => meridianIdentity.read(answer, { key: '', headers: [] }));
    });
  }
});

describe('a request that changes its caller', () => {
  const lines: HeaderLine[] = [
    ['Cookie', 'MERIDIANSESSID=s:a.b'],
    ['X-Api-Key', 'k'],
  ];
  const alteredBy = (
    operationId: string | undefined,
    method: string,
    target: string,
    ...given: HeaderLine[]
  ) => meridianIdentity.alteredBy({ operationId, method, target }, () => requestHeaders(...given))?.key;
  const [session = ['', '']] = lines;

  it('is a log-out, a log-in with the old session, and a new profile, in API and pages', () => {
    assert.equal(alteredBy('deleteSession', 'DELETE', '/api/v1/session', session), 'session s:a.b');
    assert.equal(alteredBy('updateProfile', 'PUT', '/api/v1/profile', session), 'session s:a.b');
    assert.equal(alteredBy('createSession', 'POST', '/api/v1/session', ...lines), 'session s:a.b');
    assert.equal(alteredBy(undefined, 'POST', '/login?next=%2F', ...lines), 'session s:a.b');
    assert.equal(alteredBy(undefined, 'POST', '/Logout/', session), 'session s:a.b');
    assert.equal(alteredBy(undefined, 'POST', '/profile', session), 'session s:a.b');
  });

  it('is no other', () => {
    const headers = () => assert.fail('the headers are read for nothing');
    for (const [operationId, method, target] of [
      ['getSession', 'GET', '/api/v1/session'],
      ['createBooking', 'POST', '/api/v1/bookings'],
      [undefined, 'GET', '/logout'],
      [undefined, 'POST', '/logouts'],
    ] as const) {
      assert.equal(meridianIdentity.alteredBy({ operationId, method, target }, headers), null);
    }
    assert.equal(alteredBy('createSession', 'POST', '/api/v1/session'), undefined);
  });
});

/** Set-Cookie of the monolith, and when it was before and after it was sent. */
async function ownRenewal(path: string, cookie: string): Promise<[number, string | undefined, number]> {
  const before = Date.now();
  const { headers } = await send(port, 'GET', path, [['Cookie', cookie]]);
  return [before, headers.find(([name]) => name === 'Set-Cookie')?.[1], Date.now()];
}

function withoutDate(headers: readonly HeaderLine[]): readonly HeaderLine[] {
  return headers.filter(([name]) => name !== 'Date');
}

function session(changes: object): string {
  const whole = {
    account_id: 1,
    role: 'customer',
    name: 'A',
    via: 'session',
    expires_at: '2026-11-22 12:00:00',
  };
  return JSON.stringify({ ...whole, ...changes });
}

async function addAccount(id: string): Promise<string> {
  await pool.query(
    `INSERT INTO accounts (id, email, password_hash, name, role, created_at)
     SELECT $1, 'far@example.com', password_hash, name, role, created_at FROM accounts WHERE id = 6`,
    [id],
  );
  return id;
}

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import { createLogSink } from '../telemetry/logger.ts';
import { parseRequestHead, type RequestHead } from '../wire/request-head.ts';
import { createOverrides, OVERRIDE_LIFETIME_MAX_MS, type OverrideWish } from './overrides.ts';

const { logger } = createLogSink('silent', 1);
const secret = (fill: number) => Buffer.alloc(32, fill).toString('base64url');
const START_MS = Date.parse('2026-11-23T10:00:00.250Z');
const HOUR_MS = 3_600_000;
const WISH: OverrideWish = { sides: { getInvoice: 'service', booking: 'monolith' }, expiresInMs: HOUR_MS };

async function openOverrides(setting = `k1:${secret(1)}`) {
  const clock = { nowMs: START_MS };
  let count = 0;
  const overrides = await createOverrides({
    setting,
    now: () => clock.nowMs,
    newId: () => `o-${++count}`,
    logger,
  });
  const read = (token: string) => overrides.read(headWith(`X-Banyan-Override: ${token}`));
  const detailOf = (token: string) => {
    const answer = read(token);
    return answer.kind === 'invalid' ? answer.detail : answer.kind;
  };
  return { overrides, clock, read, detailOf };
}

function headWith(...lines: string[]): RequestHead {
  const bytes = Buffer.from(['GET / HTTP/1.1', 'Host: h', ...lines, '', ''].join('\r\n'), 'latin1');
  return parseRequestHead(bytes, 0, bytes.length) as RequestHead;
}

/** A token as somebody who has the secret would make it. */
function forge(
  claims: unknown,
  head: unknown = { alg: 'HS256', kid: 'k1' },
  fill = 1,
  hash = 'sha256',
): string {
  const encode = (value: unknown) =>
    Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
  const signed = `${encode(head)}.${encode(claims)}`;
  const signature = createHmac(hash, Buffer.alloc(32, fill)).update(signed).digest('base64url');
  return `${signed}.${signature}`;
}

const SECONDS = Math.floor(START_MS / 1_000);
const CLAIMS = { jti: 'j', iat: SECONDS, exp: SECONDS + 60, sides: { getInvoice: 'service' } };

describe('an override', () => {
  it('says in a request what it was made to say', async () => {
    const { overrides, read } = await openOverrides();
    const { token, override } = overrides.mint({ ...WISH, account: '17' });
    assert.deepEqual(
      { ...override, sides: { ...override.sides } },
      { id: 'o-1', sides: WISH.sides, account: '17', expiresAtMs: Date.parse('2026-11-23T11:00:01.000Z') },
    );
    assert.deepEqual(read(token), { kind: 'valid', override });
    assert.deepEqual(overrides.read(headWith(`Cookie: a=1; banyan_override=${token}`)), {
      kind: 'valid',
      override,
    });
    assert.equal(overrides.read(headWith('Cookie: a=1')).kind, 'none');
    assert.equal(overrides.read(headWith()).kind, 'none');
    // Not made here, but with the key: other tools may.
    assert.equal(read(forge(CLAIMS)).kind, 'valid');
    assert.equal(
      read(forge({ ...CLAIMS, iat: undefined }, { alg: 'HS256', typ: 'JWT', kid: 'k1' })).kind,
      'valid',
    );
  });

  it('may ask for proof headers alone, and name what an object has by itself', async () => {
    const { overrides, read } = await openOverrides();
    const nothing = read(overrides.mint({ sides: {}, expiresInMs: 1_000 }).token);
    assert.ok(nothing.kind === 'valid');
    assert.deepEqual(Object.keys(nothing.override.sides), []);
    assert.equal(nothing.override.sides.constructor, undefined);
    const odd = read(forge(`{"jti":"j","exp":${SECONDS + 60},"sides":{"__proto__":"service"}}`));
    assert.ok(odd.kind === 'valid');
    assert.deepEqual(Object.keys(odd.override.sides), ['__proto__']);
  });

  it('ends at its time to the millisecond, remembered or not', async () => {
    const { overrides, clock, read, detailOf } = await openOverrides();
    const { token, override } = overrides.mint(WISH);
    assert.equal(read(token).kind, 'valid');
    clock.nowMs = override.expiresAtMs - 1;
    assert.equal(read(token).kind, 'valid');
    clock.nowMs = override.expiresAtMs;
    assert.equal(
      detailOf(token),
      'The override in the header X-Banyan-Override ended at 2026-11-23T11:00:01.000Z.',
    );
    assert.equal(read(token).kind, 'invalid');
  });

  it('bears clocks of replicas that are five seconds apart', async () => {
    const { overrides, clock, read, detailOf } = await openOverrides();
    const { token } = overrides.mint(WISH);
    clock.nowMs = START_MS - 5_000;
    assert.equal(read(token).kind, 'valid');
    assert.match(detailOf(forge({ ...CLAIMS, iat: SECONDS + 1 })), /made in the future/);
  });

  it('is made by the first key and verified by all', async () => {
    const { overrides: before } = await openOverrides(`k1:${secret(1)}`);
    const { token } = before.mint(WISH);
    const both = await openOverrides(`k2:${secret(2)},k1:${secret(1)}`);
    assert.equal(both.read(token).kind, 'valid');
    const [head = ''] = both.overrides.mint(WISH).token.split('.');
    assert.deepEqual(JSON.parse(Buffer.from(head, 'base64url').toString()), { alg: 'HS256', kid: 'k2' });
    const later = await openOverrides(`k2:${secret(2)}`);
    assert.match(later.detailOf(token), /signed by no key that is known here/);
  });

  it('of a key that was taken out of the file is over within a second, remembered or not', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'banyan-override-keys-'));
    after(() => rm(folder, { recursive: true }));
    const file = join(folder, 'keys');
    await writeFile(file, `k1:${secret(1)}\n`);
    const { overrides, read } = await openOverrides(`@${file}`);
    after(overrides.stop);
    const { token } = overrides.mint(WISH);
    assert.equal(read(token).kind, 'valid');
    await writeFile(file, `k2:${secret(2)}\n`);
    const deadlineMs = performance.now() + 20_000;
    while (read(token).kind === 'valid') {
      assert.ok(performance.now() < deadlineMs, 'the key is still known');
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assert.match(JSON.stringify(read(token)), /no key that is known/);
  });

  it('is not made beyond its bounds', async () => {
    const { overrides } = await openOverrides();
    const mint = (change: Partial<OverrideWish>) => () => overrides.mint({ ...WISH, ...change });
    const sides = (count: number, length = 1) =>
      Object.fromEntries(
        Array.from({ length: count }, (_, at) => [`o${at}`.padEnd(length, 'x'), 'service' as const]),
      );
    mint({ expiresInMs: OVERRIDE_LIFETIME_MAX_MS, sides: sides(100) })();
    for (const expiresInMs of [0, 999, Number.NaN, OVERRIDE_LIFETIME_MAX_MS + 1]) {
      assert.throws(mint({ expiresInMs }), RangeError);
    }
    assert.throws(mint({ sides: sides(101) }), /at most 100 sides/);
    assert.throws(mint({ sides: sides(100, 100) }), /must be shorter/);
    assert.throws(mint({ account: '' }), /account/);
  });
});

describe('invariant 8: nothing a client sends forges an override', () => {
  it('of another algorithm, key, form or claim is refused, and says why without a word of the token', async () => {
    const { detailOf } = await openOverrides(`k1:${secret(1)},k2:${secret(2)}`);
    const [head, body, signature] = forge(CLAIMS).split('.');
    const unsigned = (alg: string) =>
      `${Buffer.from(JSON.stringify({ alg, kid: 'k1' })).toString('base64url')}.${body}.`;
    const cases: [string, string, RegExp][] = [
      ['nothing', '', /is no compact JWS/],
      ['nonsense', 'nonsense', /is no compact JWS/],
      ['a list of two', `${forge(CLAIMS)}, ${forge(CLAIMS)}`, /is no compact JWS/],
      ['no signature', unsigned('none'), /is no compact JWS/],
      ['alg none', `${unsigned('none')}${signature}`, /has a header other than/],
      ['alg RS256', forge(CLAIMS, { alg: 'RS256', kid: 'k1' }), /has a header other than/],
      ['alg HS512', forge(CLAIMS, { alg: 'HS512', kid: 'k1' }, 1, 'sha512'), /has a header other than/],
      ['alg in other letters', forge(CLAIMS, { alg: 'hs256', kid: 'k1' }), /has a header other than/],
      [
        'crit',
        forge(CLAIMS, { alg: 'HS256', kid: 'k1', crit: ['b64'], b64: false }),
        /has a header other than/,
      ],
      ['a key of its own', forge(CLAIMS, { alg: 'HS256', kid: 'k1', jwk: { k: '' } }), /has a header other/],
      ['a header that is a list', forge(CLAIMS, ['HS256']), /has a header other than/],
      ['no kid', forge(CLAIMS, { alg: 'HS256' }), /signed by no key/],
      ['a kid that is unknown', forge(CLAIMS, { alg: 'HS256', kid: 'k3' }), /signed by no key/],
      ['the kid of another key', forge(CLAIMS, { alg: 'HS256', kid: 'k2' }), /signature that does not fit/],
      ['another secret', forge(CLAIMS, undefined, 9), /signature that does not fit/],
      ['a padded signature', `${head}.${body}.${signature}=`, /is no compact JWS/],
      ['claims that are a list', forge([CLAIMS]), /holds no object/],
      ['claims that are no JSON', forge('{'), /holds no object/],
      ['no end', forge({ ...CLAIMS, exp: undefined }), /must have an exp/],
      ['an end in text', forge({ ...CLAIMS, exp: `${SECONDS + 60}` }), /must have an exp/],
      ['an end in parts of seconds', forge({ ...CLAIMS, exp: SECONDS + 0.5 }), /must have an exp/],
      ['an end without end', forge(`{"jti":"j","exp":1e999,"sides":{}}`), /must have an exp/],
      ['an end beyond a day', forge({ ...CLAIMS, exp: SECONDS + 86_406 }), /longer than a day/],
      ['an end in the past', forge({ ...CLAIMS, iat: 1, exp: 2 }), /ended at 1970/],
      ['a start behind its end', forge({ ...CLAIMS, iat: SECONDS + 61 }), /made in the future/],
      ['no id', forge({ ...CLAIMS, jti: undefined }), /must have a jti/],
      ['an id without end', forge({ ...CLAIMS, jti: 'j'.repeat(201) }), /must have a jti/],
      ['a claim too many', forge({ ...CLAIMS, role: 'operator' }), /a claim that none has, "role"/],
      ["a service's identity", forge({ aud: 'billing', sub: '1', iat: SECONDS, exp: SECONDS + 60 }), /"aud"/],
      ['no sides', forge({ ...CLAIMS, sides: undefined }), /an object as its sides/],
      ['sides that are a list', forge({ ...CLAIMS, sides: ['service'] }), /an object as its sides/],
      [
        'a side that is none',
        forge({ ...CLAIMS, sides: { getInvoice: 'canary' } }),
        /the side of "getInvoice"/,
      ],
      ['a name that is empty', forge({ ...CLAIMS, sides: { '': 'service' } }), /by 1 to 200 characters/],
      ['an account that is a number', forge({ ...CLAIMS, sub: 17 }), /an account as its sub/],
      ['more than a cookie holds', `${'a'.repeat(4_001)}`, /more than 4000 characters/],
    ];
    for (const [title, token, expected] of cases) {
      const detail = detailOf(token);
      assert.match(detail, expected, title);
      if (signature !== undefined && token.includes(signature))
        assert.equal(detail.includes(signature), false);
    }
  });

  it('by changing any one character of a valid one', async () => {
    const { overrides, read } = await openOverrides();
    const { token } = overrides.mint(WISH);
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=';
    fc.assert(
      fc.property(fc.nat(token.length - 1), fc.constantFrom(...alphabet), (at, char) => {
        const other = token.slice(0, at) + char + token.slice(at + 1);
        fc.pre(other !== token);
        assert.equal(read(other).kind, 'invalid');
      }),
    );
    // The last character has bits that decoders drop: one signature, one spelling.
    for (const char of alphabet) {
      const other = token.slice(0, -1) + char;
      assert.equal(read(other).kind, other === token ? 'valid' : 'invalid', char);
    }
  });

  it('by cutting, joining or making up parts', async () => {
    const { overrides, read } = await openOverrides();
    const parts = [WISH, { ...WISH, sides: {} }].flatMap((wish) => overrides.mint(wish).token.split('.'));
    const valid = new Set([parts.slice(0, 3).join('.'), parts.slice(3).join('.')]);
    const part = fc.oneof(
      fc.constantFrom(...parts),
      fc.json().map((text) => Buffer.from(text).toString('base64url')),
      fc.stringMatching(/^[!-~]{0,20}$/),
    );
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (made) => {
        const token = made.join('.');
        // The headers of both are the same, so that a whole one may come about.
        assert.equal(read(token).kind, valid.has(token) ? 'valid' : 'invalid');
      }),
      { numRuns: 500 },
    );
  });
});

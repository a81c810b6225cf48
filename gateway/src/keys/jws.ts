import { createHmac, timingSafeEqual } from 'node:crypto';
import type { SigningKey, SigningKeys } from './signing-keys.ts';

/** What a JWS says, or why it says nothing: a sentence's end that shows nothing of the token. */
export type VerifiedJws =
  | { readonly claims: Readonly<Record<string, unknown>>; readonly fault?: undefined }
  | { readonly claims?: undefined; readonly fault: string };

const COMPACT = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)$/;

/** A compact JWS (RFC 7515) signed with HMAC SHA-256. */
export function signJws(claims: object, key: SigningKey): string {
  const signed = `${encode({ alg: 'HS256', kid: key.kid })}.${encode(claims)}`;
  return `${signed}.${signatureOf(signed, key)}`;
}

/**
 * Verifies a compact JWS against the key that it names. The algorithm is fixed, whatever the token would like
 * (RFC 8725 §3.1), and a header that asks for anything else is refused. Whoever calls bounds the token's length and
 * judges its claims, expiry included.
 */
export function verifyJws(token: string, keys: SigningKeys): VerifiedJws {
  const parts = COMPACT.exec(token);
  if (parts === null) return { fault: 'is no compact JWS' };
  const [, head = '', body = '', signature = ''] = parts;
  const { alg, kid, typ, ...others } = decode(head) ?? {};
  if (alg !== 'HS256' || (typ !== undefined && typ !== 'JWT') || Object.keys(others).length > 0) {
    return { fault: 'has a header other than {"alg":"HS256","kid":…}' };
  }
  const key = keys.find((each) => each.kid === kid);
  if (key === undefined) return { fault: 'is signed by no key that is known here' };
  // The texts are compared, not what they decode to: one signature has one spelling.
  const given = Buffer.from(signature);
  const expected = Buffer.from(signatureOf(`${head}.${body}`, key));
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    return { fault: 'has a signature that does not fit' };
  }
  const claims = decode(body);
  return claims === undefined ? { fault: 'holds no object' } : { claims };
}

function signatureOf(signed: string, key: SigningKey): string {
  return createHmac('sha256', key.secret).update(signed).digest('base64url');
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function decode(text: string): Readonly<Record<string, unknown>> | undefined {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(text, 'base64url').toString());
  } catch {
    return undefined; // Not JSON: the caller refuses it by name.
  }
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? (value as Record<string, unknown>) : undefined;
}

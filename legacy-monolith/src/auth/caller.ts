import type { Request } from 'express';
import { apiKeyOf, type Identity, identityOf } from './guards.ts';
import { SESSION_COOKIE } from './session.ts';

/** What proves who is asking: the session's cookie as it came, or the API key. */
export type Credentials = { cookie: string } | { apiKey: string };

/** Who is asking, with what lets him ask elsewhere, too. */
export type Caller = { identity: Identity; credentials: Credentials };

/** Behind a guard that has learnt the identity. */
export function callerOf(req: Request): Caller {
  const apiKey = apiKeyOf(req);
  return {
    identity: identityOf(req),
    credentials: apiKey === undefined ? { cookie: sessionCookieOf(req) } : { apiKey },
  };
}

/** Of all cookies the session's alone. */
function sessionCookieOf(req: Request): string {
  const pairs = (req.headers.cookie ?? '').split(';').map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${SESSION_COOKIE}=`)) ?? '';
}

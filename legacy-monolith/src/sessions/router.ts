import { type Request, type Response, Router } from 'express';
import { type Identity, identityOf } from '../auth/guards.ts';
import { wallClock } from '../clock.ts';
import { readFields } from '../http/body.ts';
import { rawInteger } from '../http/json.ts';
import { Refusal } from '../http/refusal.ts';
import type { RouterParts } from '../parts.ts';
import { localPathOr } from './local-path.ts';
import { authenticate, beginSession, endSession } from './log-in.ts';

/** createSession, getSession, deleteSession. */
export function createSessionsRouter(parts: RouterParts): Router {
  const { pool, guards } = parts;
  const router = Router();

  // A log-in is about the session, so it reads the session's cookie even beside an API key.
  router.post('/session', parts.guards.sessionAlways, async (req, res) => {
    const body = await readFields(req);
    const identity = await authenticate(pool, body.values);
    await beginSession(req, identity.accountId);
    if (body.kind === 'form') {
      res.redirect(302, localPathOr(body.values.next, '/bookings'));
      return;
    }
    sendSession(req, res, identity);
  });

  router.get('/session', guards.requireLogin, (req, res) => sendSession(req, res, identityOf(req)));

  router.delete('/session', guards.requireLogin, async (req, res) => {
    if (identityOf(req).via === 'api_key') throw new Refusal('forbidden', 'API keys cannot log out.');
    await endSession(req, res);
    res.status(204).end();
  });

  return router;
}

function sendSession(req: Request, res: Response, identity: Identity): void {
  // This answer renews the session; said is when it ends from now on, as in its Set-Cookie.
  if (identity.via === 'session') req.session.touch();
  const expires = identity.via === 'session' ? req.session.cookie.expires : null;
  res.json({
    account_id: rawInteger(identity.accountId),
    email: identity.email,
    name: identity.name,
    role: identity.role,
    via: identity.via,
    expires_at: expires ? wallClock(new Date(expires)) : null,
  });
}

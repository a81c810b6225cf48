import { promisify } from 'node:util';
import { type Request, type Response, Router } from 'express';
import { type Identity, identityOf, type Role } from '../auth/guards.ts';
import { DUMMY_HASH, verifyPassword } from '../auth/passwords.ts';
import { clearSessionCookie } from '../auth/session.ts';
import { wallClock } from '../clock.ts';
import { type Fields, readFields } from '../http/body.ts';
import { rawInteger } from '../http/json.ts';
import { invalidField, Refusal } from '../http/refusal.ts';
import { isStorable } from '../http/text.ts';
import type { RouterParts } from '../parts.ts';
import { localPathOr } from './local-path.ts';

type AccountRow = { id: string; email: string; name: string; role: Role; password_hash: string };

const BY_EMAIL = 'SELECT id, email, name, role, password_hash FROM accounts WHERE lower(email) = lower($1)';

/** createSession, getSession, deleteSession. */
export function createSessionsRouter(parts: RouterParts): Router {
  const { pool, guards } = parts;
  const router = Router();

  // A log-in is about the session, so it reads the session's cookie even beside an API key.
  router.post('/session', parts.guards.sessionAlways, async (req, res) => {
    const body = await readFields(req);
    const email = requiredText(body, 'email');
    const password = requiredText(body, 'password');
    const account = (await pool.query<AccountRow>(BY_EMAIL, [email])).rows[0];
    const right = await verifyPassword(password, account?.password_hash ?? DUMMY_HASH);
    if (!account || !right || account.role === 'partner') {
      throw new Refusal('forbidden', 'E-mail or password is wrong.', { code: 'invalid_credentials' });
    }
    // A new id, so that nobody who knew the old one is logged in along with the user.
    await promisify(req.session.regenerate.bind(req.session))();
    req.session.account_id = account.id;
    if (body.kind === 'form') {
      res.redirect(302, localPathOr(body.values.next, '/bookings'));
      return;
    }
    sendSession(req, res, {
      accountId: account.id,
      email: account.email,
      name: account.name,
      role: account.role,
      via: 'session',
    });
  });

  router.get('/session', guards.requireLogin, (req, res) => sendSession(req, res, identityOf(req)));

  router.delete('/session', guards.requireLogin, async (req, res) => {
    if (identityOf(req).via === 'api_key') throw new Refusal('forbidden', 'API keys cannot log out.');
    await promisify(req.session.destroy.bind(req.session))();
    clearSessionCookie(res);
    res.status(204).end();
  });

  return router;
}

function requiredText({ values }: Fields, field: string): string {
  const value = values[field];
  if (value === undefined || value === null || value === '') {
    throw invalidField(field, `${field} is required`);
  }
  if (typeof value !== 'string' || !isStorable(value)) throw invalidField(field, `${field} is not valid`);
  return value;
}

function sendSession(req: Request, res: Response, identity: Identity): void {
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

import { promisify } from 'node:util';
import type { Request, Response } from 'express';
import type { SessionData } from 'express-session';
import type { Pool } from 'pg';
import type { Identity, Role } from '../auth/guards.ts';
import { DUMMY_HASH, verifyPassword } from '../auth/passwords.ts';
import { clearSessionCookie } from '../auth/session.ts';
import { invalidField, Refusal } from '../http/refusal.ts';
import { isStorable } from '../http/text.ts';

type AccountRow = { id: string; email: string; name: string; role: Role; password_hash: string };

const BY_EMAIL = 'SELECT id, email, name, role, password_hash FROM accounts WHERE lower(email) = lower($1)';

/** Who may log in with this e-mail and password; throws the 422 of a missing field, or one 403 for all else. */
export async function authenticate(pool: Pool, values: Readonly<Record<string, unknown>>): Promise<Identity> {
  const email = requiredText(values, 'email');
  const password = requiredText(values, 'password');
  const account = (await pool.query<AccountRow>(BY_EMAIL, [email])).rows[0];
  const right = await verifyPassword(password, account?.password_hash ?? DUMMY_HASH);
  if (!account || !right || account.role === 'partner') {
    throw new Refusal('forbidden', 'E-mail or password is wrong.', { code: 'invalid_credentials' });
  }
  return {
    accountId: account.id,
    email: account.email,
    name: account.name,
    role: account.role,
    via: 'session',
  };
}

/**
 * Begins a session under a new id, so that nobody who knew the old one is logged in along with the user. It is
 * written when this returns: left to the end of the response, the head goes out first, and a browser that follows
 * its redirect at once comes back unknown. `more` is what the session holds beside the account.
 */
export async function beginSession(
  req: Request,
  accountId: string,
  more: Partial<SessionData> = {},
): Promise<void> {
  await promisify(req.session.regenerate.bind(req.session))();
  Object.assign(req.session, more, { account_id: accountId });
  await promisify(req.session.save.bind(req.session))();
}

export async function endSession(req: Request, res: Response): Promise<void> {
  await promisify(req.session.destroy.bind(req.session))();
  clearSessionCookie(res);
}

function requiredText(values: Readonly<Record<string, unknown>>, field: string): string {
  const value = values[field];
  if (value === undefined || value === null || value === '') {
    throw invalidField(field, `${field} is required`);
  }
  if (typeof value !== 'string' || !isStorable(value)) throw invalidField(field, `${field} is not valid`);
  return value;
}

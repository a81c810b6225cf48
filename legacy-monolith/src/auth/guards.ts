import { createHash } from 'node:crypto';
import type { Request, RequestHandler } from 'express';
import type { Pool } from 'pg';
import { Refusal } from '../http/refusal.ts';

export const ROLES = ['customer', 'agent', 'accountant', 'partner'] as const;
export type Role = (typeof ROLES)[number];

export type Identity = {
  accountId: string;
  email: string;
  name: string;
  role: Role;
  via: 'session' | 'api_key';
};

declare module 'express-serve-static-core' {
  interface Request {
    /** Set by `requireLogin`, `requireRole` and `recognise`. */
    identity?: Identity;
  }
}

export type Guards = {
  /** Reads and renews the session, unless the request carries an API key: then that alone counts. */
  session: RequestHandler;
  /** As `session`, an API key notwithstanding: for the log-in. */
  sessionAlways: RequestHandler;
  /** Learns who is asking, if anybody says so; refuses nobody. */
  recognise: RequestHandler;
  /** 401 unless a live session or a valid key says who is asking. */
  requireLogin: RequestHandler;
  /** 401 as above, then 403 in the family of the path unless the role is one of these. */
  requireRole(...roles: readonly Role[]): RequestHandler;
};

type AccountRow = { id: string; email: string; name: string; role: Role };

const BY_ID = 'SELECT id, email, name, role FROM accounts WHERE id = $1';
const BY_KEY = `
  SELECT a.id, a.email, a.name, a.role
  FROM api_keys k JOIN accounts a ON a.id = k.account_id
  WHERE k.key_sha256 = $1 AND k.revoked_at IS NULL`;

export function createGuards(pool: Pool, session: RequestHandler): Guards {
  const identified = async (req: Request): Promise<Identity> => {
    const identity = await identify(pool, req);
    if (identity === null) throw new Refusal('unauthorized', 'Please log in or send a valid API key.');
    req.identity = identity;
    return identity;
  };
  return {
    session: (req, res, next) => (apiKeyOf(req) === undefined ? session(req, res, next) : next()),
    sessionAlways: session,
    recognise: async (req, _res, next) => {
      req.identity = (await identify(pool, req)) ?? undefined;
      next();
    },
    requireLogin: async (req, _res, next) => {
      await identified(req);
      next();
    },
    requireRole:
      (...roles) =>
      async (req, _res, next) => {
        const { role } = await identified(req);
        if (!roles.includes(role)) throw new Refusal('forbidden', 'Your role may not do this.');
        next();
      },
  };
}

/** Who is asking, behind `requireLogin` or `requireRole`. */
export function identityOf(req: Request): Identity {
  if (!req.identity) throw new Error('identityOf needs requireLogin before it');
  return req.identity;
}

/** Whether the row's account is the caller's own. */
export function isOwn(identity: Identity, accountId: string): boolean {
  return identity.accountId === accountId;
}

/** Whose key this is; null for an unknown or revoked one. */
export async function identifyKey(pool: Pool, key: string): Promise<Identity | null> {
  const sha256 = createHash('sha256').update(key).digest();
  return toIdentity((await pool.query<AccountRow>(BY_KEY, [sha256])).rows[0], 'api_key');
}

async function identify(pool: Pool, req: Request): Promise<Identity | null> {
  const key = apiKeyOf(req);
  if (key !== undefined) return identifyKey(pool, key);
  const accountId = req.session?.account_id;
  if (accountId === undefined) return null;
  return toIdentity((await pool.query<AccountRow>(BY_ID, [accountId])).rows[0], 'session');
}

function toIdentity(row: AccountRow | undefined, via: Identity['via']): Identity | null {
  return row ? { accountId: row.id, email: row.email, name: row.name, role: row.role, via } : null;
}

/** The key a request carries, if any: it alone counts then. */
export function apiKeyOf(req: Request): string | undefined {
  const value = req.headers['x-api-key'];
  return Array.isArray(value) ? value.join(', ') : value;
}

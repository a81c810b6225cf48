import connectPgSimple from 'connect-pg-simple';
import type { RequestHandler, Response } from 'express';
import expressSession from 'express-session';
import type { Pool } from 'pg';
import type { MonolithConfig } from '../config.ts';
import type { Parts } from '../parts.ts';

declare module 'express-session' {
  interface SessionData {
    account_id: string;
  }
}

export const SESSION_COOKIE = 'MERIDIANSESSID';
const COOKIE_ATTRIBUTES = { httpOnly: true, sameSite: 'lax', path: '/' } as const;

export type Sessions = {
  /** Reads the request's session and renews it with whatever is answered. */
  middleware: RequestHandler;
  close(): Promise<void>;
};

/**
 * Sessions in Postgres. `rolling` with `resave: false` gives what clients rely on: the same id all along, and
 * on every answer to a live session a Set-Cookie with a later Expires; a dead or empty one gets none.
 */
export function createSessions(
  config: Pick<MonolithConfig, 'sessionSecret' | 'sessionTtlMs'>,
  pool: Pool,
  parts: Pick<Parts, 'randomBytes' | 'logger'>,
): Sessions {
  const PgStore = connectPgSimple(expressSession);
  const store = new PgStore({
    pool,
    tableName: 'session',
    errorLog: (message: unknown, error: unknown) =>
      parts.logger.warn({ err: error, note: typeof message === 'string' ? message : '' }, 'session store'),
  });
  const middleware = expressSession({
    store,
    name: SESSION_COOKIE,
    secret: config.sessionSecret,
    genid: () => parts.randomBytes(24).toString('base64url'),
    rolling: true,
    resave: false,
    saveUninitialized: false,
    cookie: { ...COOKIE_ATTRIBUTES, maxAge: config.sessionTtlMs },
  });
  return { middleware, close: async () => store.close() };
}

export function clearSessionCookie(res: Response): void {
  res.clearCookie(SESSION_COOKIE, COOKIE_ATTRIBUTES);
}

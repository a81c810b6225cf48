import { createHash, timingSafeEqual } from 'node:crypto';
import type { AdminTokens } from '../config/config.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { FailedAttempts } from './failed-attempts.ts';
import { Refusal } from './problem.ts';

/** Who asks. `mayWrite` is an operator's; `isKnown` is false where no tokens are configured. */
export type Principal = { readonly name: string; readonly mayWrite: boolean; readonly isKnown: boolean };

/** Of an Authorization field and the client's address; throws the refusal. */
export type Authenticate = (authorization: string | undefined, client: string) => Principal;

const ANYBODY: Principal = { name: 'anybody', mayWrite: false, isKnown: false };

/**
 * How a token is sent. `bearer`: RFC 6750. `browser`: that, or as the password of any name (RFC 7617), which a browser
 * asks for. It sends that with whatever it asks of this port, on behalf of any page: for what only shows something.
 */
export type Scheme = 'bearer' | 'browser';

/**
 * All tokens are compared, each in a time that does not depend on what was sent. Where none is configured everybody
 * may read.
 */
export function createAuthenticate(
  { operators, viewers }: AdminTokens,
  attempts: FailedAttempts,
  logger: Logger,
  scheme: Scheme = 'bearer',
): Authenticate {
  const known = [
    ...operators.map(({ name, token }) => ({ name, mayWrite: true, isKnown: true, digest: digest(token) })),
    ...viewers.map(({ name, token }) => ({ name, mayWrite: false, isKnown: true, digest: digest(token) })),
  ];
  return (authorization, client) => {
    if (known.length === 0) return ANYBODY;
    const sent = readToken(authorization ?? '', scheme);
    if (sent === undefined) throw unauthorized(scheme);
    const sentDigest = digest(sent);
    const [found] = known.filter((each) => timingSafeEqual(each.digest, sentDigest));
    if (found !== undefined) return found;
    const attempt = attempts.onFailure(client);
    if (attempt.kind === 'counted') {
      logger.warn({ client, attempts: attempt.count }, 'a wrong token on the admin port');
      throw unauthorized(scheme, ', error="invalid_token"');
    }
    throw new Refusal(
      'too-many-attempts',
      `Too many wrong tokens have come from ${client}. A right one is let through.`,
      {},
      { 'Retry-After': String(attempt.retryAfterSeconds) },
    );
  };
}

function readToken(authorization: string, scheme: Scheme): string | undefined {
  const [, bearer] = /^Bearer +(\S+) *$/i.exec(authorization) ?? [];
  if (bearer !== undefined || scheme === 'bearer') return bearer;
  const [, basic] = /^Basic +([A-Za-z0-9+/]+={0,2}) *$/i.exec(authorization) ?? [];
  if (basic === undefined) return undefined;
  const [, password] = /^[^:]*:(\S+)$/.exec(Buffer.from(basic, 'base64').toString('utf8')) ?? [];
  return password;
}

const SAYS = {
  bearer: 'This needs the bearer token of an operator or a viewer.',
  browser: "This needs the token of an operator or a viewer: as a bearer's, or as the password of any name.",
} as const;

function unauthorized(scheme: Scheme, error = ''): Refusal {
  const challenge =
    scheme === 'browser' ? 'Basic realm="banyan", charset="UTF-8"' : `Bearer realm="banyan"${error}`;
  return new Refusal('unauthorized', SAYS[scheme], {}, { 'WWW-Authenticate': challenge });
}

/** Of one length, as the comparison wants them. */
function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

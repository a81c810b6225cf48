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
 * Bearer tokens (RFC 6750). All tokens are compared, each in a time that does not depend on what was sent. Where none
 * is configured everybody may read.
 */
export function createAuthenticate(
  { operators, viewers }: AdminTokens,
  attempts: FailedAttempts,
  logger: Logger,
): Authenticate {
  const known = [
    ...operators.map(({ name, token }) => ({ name, mayWrite: true, isKnown: true, digest: digest(token) })),
    ...viewers.map(({ name, token }) => ({ name, mayWrite: false, isKnown: true, digest: digest(token) })),
  ];
  return (authorization, client) => {
    if (known.length === 0) return ANYBODY;
    const [, sent] = /^Bearer +(\S+) *$/i.exec(authorization ?? '') ?? [];
    if (sent === undefined) throw unauthorized('');
    const sentDigest = digest(sent);
    const [found] = known.filter((each) => timingSafeEqual(each.digest, sentDigest));
    if (found !== undefined) return found;
    const attempt = attempts.onFailure(client);
    if (attempt.kind === 'counted') {
      logger.warn({ client, attempts: attempt.count }, 'a wrong token on the admin port');
      throw unauthorized(', error="invalid_token"');
    }
    throw new Refusal(
      'too-many-attempts',
      `Too many wrong tokens have come from ${client}. A right one is let through.`,
      {},
      { 'Retry-After': String(attempt.retryAfterSeconds) },
    );
  };
}

function unauthorized(error: string): Refusal {
  const challenge = { 'WWW-Authenticate': `Bearer realm="banyan"${error}` };
  return new Refusal(
    'unauthorized',
    'This needs the bearer token of an operator or a viewer.',
    {},
    challenge,
  );
}

/** Of one length, as the comparison wants them. */
function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

import { createHash, timingSafeEqual } from 'node:crypto';
import type { RequestHandler } from 'express';
import type { AdminTokens } from '../config/config.ts';
import { sendProblem } from './problem.ts';

/**
 * Lets pass who carries a token (RFC 6750), and everyone where none is configured. All tokens are compared, in a time
 * that does not depend on what was sent.
 */
export function requireReader(tokens: AdminTokens): RequestHandler {
  const known = Object.values(tokens).map(digest);
  return (request, response, next) => {
    if (known.length === 0) return next();
    const [, sent] = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '') ?? [];
    const isKnown =
      sent !== undefined && known.filter((each) => timingSafeEqual(each, digest(sent))).length > 0;
    if (isKnown) return next();
    const error = sent === undefined ? '' : ', error="invalid_token"';
    response.set('WWW-Authenticate', `Bearer realm="banyan"${error}`);
    sendProblem(response, 401, 'Unauthorized', 'This needs the bearer token of an operator or a viewer.');
  };
}

/** Of one length, as the comparison wants them. */
function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

import type { Request, RequestHandler } from 'express';
import type { Parts } from '../parts.ts';

/**
 * One line per request: method, the route's pattern, numeric ids, status, time. Never the URL itself, a header
 * or a body: people paste card numbers and keys into all of them.
 */
export function createRequestLog({ logger, clock }: Pick<Parts, 'logger' | 'clock'>): RequestHandler {
  return (req, res, next) => {
    const startedMs = clock().getTime();
    res.once('close', () => {
      logger.info(
        {
          method: req.method,
          route: routeOf(req),
          id: numericId(req),
          status: res.statusCode,
          aborted: res.writableFinished ? undefined : true,
          account: req.identity?.accountId,
          ms: clock().getTime() - startedMs,
        },
        'request',
      );
    });
    next();
  };
}

function routeOf(req: Request): string | undefined {
  const pattern: unknown = req.route?.path;
  if (typeof pattern !== 'string') return undefined;
  // After an error the router's base is gone from the request; the API's routers have but one.
  return /^\/api\/v1\//i.test(req.originalUrl) ? `/api/v1${pattern}` : pattern;
}

/** Ten digits at most: a card number in the place of an id is not logged. */
function numericId(req: Request): string | undefined {
  const id: unknown = req.params?.id;
  return typeof id === 'string' && /^\d{1,10}$/.test(id) ? id : undefined;
}

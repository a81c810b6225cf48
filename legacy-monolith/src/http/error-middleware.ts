import type { ErrorRequestHandler, RequestHandler } from 'express';
import { isDatabaseUnavailable } from '../db/database-fault.ts';
import type { Parts } from '../parts.ts';
import { familyOf, writeRefusal } from './families.ts';
import { Refusal } from './refusal.ts';

const RETRY_AFTER_SECONDS = 5;

/** No route of the API took the request: unknown paths, and known paths with another method. */
export const refuseUnknown: RequestHandler = (_req, res) => {
  writeRefusal(res, 'general', noSuchResource());
};

/** Writes what was thrown in the shape of the path's family. Nothing of an unexpected error reaches the client. */
export function createErrorMiddleware(parts: Pick<Parts, 'logger' | 'randomBytes'>): ErrorRequestHandler {
  return (error, req, res, _next) => {
    const refusal = toRefusal(error);
    if (refusal.kind === 'internal' || (refusal.kind === 'unavailable' && !(error instanceof Refusal))) {
      const errorId = parts.randomBytes(8).toString('hex');
      parts.logger.error({ err: error, errorId, method: req.method }, refusal.message);
    }
    if (!res.headersSent) {
      clearEntityHeaders(res);
      // A path that cannot be decoded is unknown, and unknown paths have the general form wherever they lie.
      writeRefusal(res, error instanceof URIError ? 'general' : familyOf(req.path), refusal);
      return;
    }
    // The status is out: only a cut connection tells the client that the rest is missing. An answer that is
    // complete stays: then it was the session's renewal that failed.
    if (!res.writableEnded) res.destroy();
  };
}

function toRefusal(error: unknown): Refusal {
  if (error instanceof Refusal) return error;
  if (isDatabaseUnavailable(error)) {
    return new Refusal('unavailable', 'The service is unavailable. Please try again later.', {
      retryAfterSeconds: RETRY_AFTER_SECONDS,
    });
  }
  // Express could not decode the path, so it names nothing.
  if (error instanceof URIError) return noSuchResource();
  return new Refusal('internal', 'Something went wrong. Please try again later.');
}

/** Headers that a handler had set for the answer it could not give. */
function clearEntityHeaders(res: Parameters<ErrorRequestHandler>[2]): void {
  const names = [
    'Content-Disposition',
    'ETag',
    'Last-Modified',
    'Trailer',
    'Accept-Ranges',
    'Link',
    'Location',
  ];
  for (const name of [...names, 'Content-Type', 'Content-Length', 'X-Total-Count', 'Cache-Control']) {
    res.removeHeader(name);
  }
}

function noSuchResource(): Refusal {
  return new Refusal('not_found', 'No such resource.');
}

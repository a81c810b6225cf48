import { hash } from 'node:crypto';
import fresh from 'fresh';
import type { RequestHeaders } from './request.ts';

/** Letters of a digest that Express's tags show. */
const DIGEST_LENGTH = 27;

/** The weak ETag that Express gives a body. A test holds it to Express. */
export function weakEtag(body: Buffer): string {
  return `W/"${body.length.toString(16)}-${hash('sha1', body, 'base64').slice(0, DIGEST_LENGTH)}"`;
}

/** What a conditional request is held against. */
export type Validators = { readonly etag?: string; readonly lastModified?: string };

/**
 * Whether the client has the answer already, as Express judges it (`req.fresh`) for a GET or HEAD answered with 2xx:
 * If-None-Match compared weakly, it wins over If-Modified-Since, and `Cache-Control: no-cache` over both.
 */
export function isFresh(headers: RequestHeaders, { etag: tag, lastModified }: Validators): boolean {
  const noneMatch = headers.get('if-none-match');
  const modifiedSince = headers.get('if-modified-since');
  if (noneMatch === undefined && modifiedSince === undefined) return false;
  return fresh(
    {
      'if-none-match': noneMatch,
      'if-modified-since': modifiedSince,
      'cache-control': headers.get('cache-control'),
    },
    { etag: tag, 'last-modified': lastModified },
  );
}

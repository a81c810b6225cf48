import etag from 'etag';
import fresh from 'fresh';
import type { RequestHeaders } from './request.ts';

/** The weak ETag that Express gives a body: made by the code that Express makes it with. */
export function weakEtag(body: Buffer): string {
  return etag(body, { weak: true });
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

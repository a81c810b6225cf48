import type { Answer, HeaderLine, TranslationRequest } from '@banyan/gateway/carve-out';
import etag from 'etag';
import fresh from 'fresh';

export const POWERED_BY: HeaderLine = ['X-Powered-By', 'Express'];

/** As `res.json` of Express 5 writes it: `value` may hold `JSON.rawJSON`. `headers` are those set before the body. */
export function jsonAnswer(
  request: TranslationRequest,
  status: number,
  value: unknown,
  headers: readonly HeaderLine[] = [],
): Answer {
  return sendAnswer(request, status, 'application/json; charset=utf-8', JSON.stringify(value), headers);
}

/** As `res.send` writes a text: a weak tag where no tag was set, 304 where the client's copy is fresh. */
export function sendAnswer(
  request: TranslationRequest,
  status: number,
  contentType: string,
  text: string,
  headers: readonly HeaderLine[] = [],
): Answer {
  const body = Buffer.from(text);
  const tagged = headers.some(([name]) => name === 'ETag');
  const tag: readonly HeaderLine[] = tagged ? [] : [['ETag', etag(body, { weak: true })]];
  if (isFresh(request, status, [...headers, ...tag])) {
    return { status: 304, headers: [POWERED_BY, ...headers, ...tag], body: null };
  }
  const content: readonly HeaderLine[] = [
    ['Content-Type', contentType],
    ['Content-Length', String(body.length)],
  ];
  // A header that was set again keeps its place: Content-Type, where the handler had set it before the others.
  const typed = headers.some(([name]) => name === 'Content-Type');
  return { status, headers: [POWERED_BY, ...headers, ...(typed ? content.slice(1) : content), ...tag], body };
}

/** As `req.fresh` of Express: a conditional GET or HEAD whose copy the answer's validators confirm. */
export function isFresh(
  request: TranslationRequest,
  status: number,
  headers: readonly HeaderLine[],
): boolean {
  if (request.method !== 'GET' && request.method !== 'HEAD') return false;
  if (!(status >= 200 && status < 300) && status !== 304) return false;
  const validator = (wanted: string): string | undefined => headers.find(([name]) => name === wanted)?.[1];
  return fresh(
    {
      'if-modified-since': request.headers.get('if-modified-since'),
      'if-none-match': request.headers.get('if-none-match'),
      'cache-control': request.headers.get('cache-control'),
    },
    { etag: validator('ETag'), 'last-modified': validator('Last-Modified') },
  );
}

import type { Answer, HeaderLine } from './answer.ts';
import { isFresh, type Validators, weakEtag } from './conditional.ts';
import type { TranslationRequest } from './request.ts';

type Conditional = Pick<TranslationRequest, 'method' | 'headers'>;

const POWERED_BY: HeaderLine = ['X-Powered-By', 'Express'];

/**
 * An answer as Express's `res.json` writes it: X-Powered-By, the handler's own lines, type, length, ETag; or the 304
 * that it makes of it. `text` is the JSON: the caller writes it, so that integers of any size stay exact.
 */
export function expressJson(
  request: Conditional,
  status: number,
  text: string,
  lines: readonly HeaderLine[] = [],
): Answer {
  return expressBody(request, status, 'application/json; charset=utf-8', Buffer.from(text), lines);
}

/** An answer as Express's `res.send` writes it. An `ETag` among the lines stands for the one that it would make. */
export function expressBody(
  request: Conditional,
  status: number,
  contentType: string,
  body: Buffer,
  lines: readonly HeaderLine[] = [],
): Answer {
  const tag = lineOf(lines, 'etag') ?? weakEtag(body);
  if (isNotModified(request, status, { etag: tag, ...lastModifiedOf(lines) })) {
    return expressNotModified(lineOf(lines, 'etag') === undefined ? [...lines, ['ETag', tag]] : lines);
  }
  const headers: HeaderLine[] = [
    POWERED_BY,
    ...lines,
    ['Content-Type', contentType],
    ['Content-Length', String(body.length)],
  ];
  if (lineOf(lines, 'etag') === undefined) headers.push(['ETag', tag]);
  return { status, headers, body };
}

/** An answer whose handler set every line itself and then wrote: a stream, or bytes past `res.send`. */
export function expressRaw(
  status: number,
  lines: readonly HeaderLine[],
  body: Answer['body'],
  trailers?: Answer['trailers'],
): Answer {
  const answer = { status, headers: [POWERED_BY, ...lines], body };
  return trailers === undefined ? answer : { ...answer, trailers };
}

/** `res.status(304).end()`; of what a 304 may not carry, nothing is left. */
export function expressNotModified(lines: readonly HeaderLine[]): Answer {
  const kept = lines.filter(([name]) => !/^content-(type|length)$/i.test(name));
  return { status: 304, headers: [POWERED_BY, ...kept], body: null };
}

/** Express asks for freshness only of a GET or HEAD that would be answered with 2xx (or 304 already). */
export function isNotModified(request: Conditional, status: number, validators: Validators): boolean {
  if (request.method !== 'GET' && request.method !== 'HEAD') return false;
  return ((status >= 200 && status < 300) || status === 304) && isFresh(request.headers, validators);
}

function lineOf(lines: readonly HeaderLine[], name: string): string | undefined {
  return lines.find(([each]) => each.toLowerCase() === name)?.[1];
}

function lastModifiedOf(lines: readonly HeaderLine[]): Validators {
  const lastModified = lineOf(lines, 'last-modified');
  return lastModified === undefined ? {} : { lastModified };
}

import type { RequestHeaders } from './request.ts';

/**
 * The request's `Idempotency-Key`, 1 to 255 visible ASCII characters, quotation marks as they are; undefined where it
 * has none. `null`: what it has can be no key, or is more than one.
 */
export function readIdempotencyKey(headers: Pick<RequestHeaders, 'values'>): string | undefined | null {
  const [key, ...more] = headers.values('idempotency-key');
  if (key === undefined) return undefined;
  return more.every((each) => each === key) && /^[\x21-\x7e]{1,255}$/.test(key) ? key : null;
}

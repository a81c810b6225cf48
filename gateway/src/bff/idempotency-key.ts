import type { RequestHeaders } from '../carve-out/request.ts';

/** The request's key; `null` where it is none that anybody takes. */
export function readIdempotencyKey(headers: RequestHeaders): string | undefined | null {
  const [key, ...more] = headers.values('idempotency-key');
  if (key === undefined) return undefined;
  return more.length === 0 && /^[\x21-\x7e]{1,255}$/.test(key) ? key : null;
}

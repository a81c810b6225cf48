import { type HeaderLine, readIdempotencyKey, type TranslationRequest } from '@banyan/gateway/carve-out';
import { Refusal } from './refusal.ts';

/** A first request takes seconds at most, but for an acquirer that stalls. */
const IN_USE_RETRY_SECONDS = 2;

/**
 * The `Idempotency-Key` of a write, nothing where it has none, or the 400. Asked for after who may do it to what, and
 * before the body is read.
 */
export function idempotencyKeyOf(request: Pick<TranslationRequest, 'headers'>): string | undefined {
  const key = readIdempotencyKey(request.headers);
  if (key !== null) return key;
  const message = 'Idempotency-Key must be one key of 1 to 255 visible ASCII characters.';
  throw new Refusal('bad_request', message);
}

/** Says of an answer that it is the first one to the same request, given again. */
export function replayedLines({ replayed }: { readonly replayed: boolean }): readonly HeaderLine[] {
  return replayed ? [['Idempotency-Replayed', 'true']] : [];
}

export function keyReused(): Refusal {
  return new Refusal('invalid', 'This Idempotency-Key was used for another request.');
}

export function keyInUse(): Refusal {
  const message = 'The first request with this Idempotency-Key is still under way.';
  return new Refusal('conflict', message, { retryAfterSeconds: IN_USE_RETRY_SECONDS });
}

import type { TranslationRequest } from '@banyan/gateway/carve-out';

/** Whether `If-Match` lets the request through: absent, `*`, or a list with this strong tag (RFC 9110 13.1.1). */
export function matchesIfMatch(request: Pick<TranslationRequest, 'headers'>, etag: string): boolean {
  const header = request.headers.get('if-match');
  if (header === undefined) return true;
  if (header.trim() === '*') return true;
  // Strong comparison: a weak tag never matches.
  const tags: readonly string[] = header.match(/(?:W\/)?"[^"]*"/g) ?? [];
  return tags.includes(etag);
}

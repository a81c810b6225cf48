/**
 * Where a form goes on after log-in: only a path of this site. `//host` and `/\host` are other sites to a
 * browser, which also drops tabs and line breaks before it looks.
 */
export function localPathOr(next: unknown, fallback: string): string {
  if (typeof next !== 'string' || !/^\/(?![/\\])[\x21-\x7e]*$/.test(next)) return fallback;
  return next;
}

export type RangeDecision =
  | { kind: 'whole' }
  | { kind: 'part'; start: number; end: number }
  | { kind: 'unsatisfiable' };

/** A resource's current validators: a strong tag, and an HTTP date cut to the second. */
export type Validators = { etag: string; lastModified: string };

/**
 * What a Range header asks of so many bytes (RFC 9110 14). `end` is inclusive. Anything malformed, of another
 * unit, or of several ranges is answered with the whole, as is a range whose If-Range does not hold.
 */
export function decideRange(
  headers: { range: string | undefined; ifRange: string | undefined },
  size: number,
  validators: Validators,
): RangeDecision {
  if (headers.range === undefined || !holdsIfRange(headers.ifRange, validators)) return { kind: 'whole' };
  const match = /^bytes=[ \t]*(\d*)-(\d*)[ \t]*$/i.exec(headers.range);
  if (!match) return { kind: 'whole' };
  const [, first = '', last = ''] = match;
  if (first === '') return last === '' ? { kind: 'whole' } : suffix(Number(last), size);
  const start = Number(first);
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (last !== '' && Number(last) < start) return { kind: 'whole' };
  return start >= size ? { kind: 'unsatisfiable' } : { kind: 'part', start, end };
}

/** The last so many bytes; all of them if there are fewer. */
function suffix(length: number, size: number): RangeDecision {
  if (length === 0 || size === 0) return { kind: 'unsatisfiable' };
  return { kind: 'part', start: Math.max(0, size - length), end: size - 1 };
}

/** RFC 9110 13.1.5: a strong tag compared strongly, or exactly the date of the last change. */
function holdsIfRange(ifRange: string | undefined, { etag, lastModified }: Validators): boolean {
  if (ifRange === undefined) return true;
  const text = ifRange.trim();
  return text.startsWith('"') ? text === etag : text === lastModified;
}

import { COLON, CR, HTAB, IS_TEXT, IS_TOKEN, LF, SP } from './bytes.ts';

/** Receives each field line of a section: name, trimmed value, and the line with its CRLF, as offsets. */
export type FieldSink = {
  field(nameStart: number, nameEnd: number, valueStart: number, valueEnd: number, lineEnd: number): void;
};

/** What a scan returns instead of an offset. */
export const INCOMPLETE = -1;
export const MALFORMED = -2;
export const TOO_MANY_FIELDS = -3;

/** A field section of more lines than this is a flood. */
export const FIELD_LINES_MAX = 1000;

/**
 * Reads the field section at `from` up to and including its empty line, and returns the offset behind it.
 *
 * Strict (RFC 9112 §5): a line is `token ":" OWS value OWS CRLF`. No obs-fold, no space before the colon, no
 * bare CR or LF, no NUL or other control: each of these is a disagreement between parsers somewhere, and so
 * a smuggled request somewhere.
 */
export function scanFields(bytes: Buffer, from: number, to: number, sink: FieldSink): number {
  let at = from;
  let lines = 0;
  while (at < to) {
    const nameStart = at;
    if (bytes[at] === CR) {
      if (at + 1 >= to) return INCOMPLETE;
      return bytes[at + 1] === LF ? at + 2 : MALFORMED;
    }
    while (at < to && IS_TOKEN[bytes[at] as number] === 1) at++;
    if (at >= to) return INCOMPLETE;
    if (bytes[at] !== COLON || at === nameStart) return MALFORMED;
    const nameEnd = at;
    at++;
    while (at < to && (bytes[at] === SP || bytes[at] === HTAB)) at++;
    const valueStart = at;
    while (at < to && IS_TEXT[bytes[at] as number] === 1) at++;
    if (at >= to) return INCOMPLETE;
    if (bytes[at] !== CR) return MALFORMED;
    if (at + 1 >= to) return INCOMPLETE;
    if (bytes[at + 1] !== LF) return MALFORMED;
    let valueEnd = at;
    while (valueEnd > valueStart && (bytes[valueEnd - 1] === SP || bytes[valueEnd - 1] === HTAB)) valueEnd--;
    at += 2;
    if (++lines > FIELD_LINES_MAX) return TOO_MANY_FIELDS;
    sink.field(nameStart, nameEnd, valueStart, valueEnd, at);
  }
  return INCOMPLETE;
}

/** The section as Node's `rawHeaders`: name, value, name, value, …; Latin-1, case, order and repeats kept. */
export function listFields(bytes: Buffer, from: number, to: number): string[] {
  const list: string[] = [];
  scanFields(bytes, from, to, {
    field: (nameStart, nameEnd, valueStart, valueEnd) =>
      list.push(bytes.toString('latin1', nameStart, nameEnd), bytes.toString('latin1', valueStart, valueEnd)),
  });
  return list;
}

/**
 * Where a head ends that did not arrive in one piece: the offset behind its empty line, INCOMPLETE, or
 * MALFORMED at a bare LF. `resumeAt` is how far an earlier call came, so a head sent byte by byte costs one
 * pass in all.
 */
export function findHeadEnd(bytes: Buffer, from: number, to: number, resumeAt: number): number {
  let at = Math.max(from, resumeAt);
  while (at < to) {
    const feed = bytes.indexOf(LF, at);
    if (feed === -1 || feed >= to) return INCOMPLETE;
    if (feed === from || bytes[feed - 1] !== CR) return MALFORMED;
    if (feed >= from + 3 && bytes[feed - 2] === LF && bytes[feed - 3] === CR) return feed + 1;
    at = feed + 1;
  }
  return INCOMPLETE;
}

import type { CompareRules } from './compare-rules.ts';
import type { Difference, Side } from './difference.ts';
import type { RedactedDifference, RedactedSide } from './shadow.ts';

/**
 * Headers whose values say how an answer is made and nothing of whom it is about.
 * Not among them: ETag and Last-Modified (of a version), Location, Link and Content-Disposition (ids and names).
 */
const SHOWN_HEADERS = new Set([
  'header:accept-ranges',
  'header:allow',
  'header:cache-control',
  'header:content-encoding',
  'header:content-language',
  'header:content-length',
  'header:content-type',
  'header:pragma',
  'header:retry-after',
  'header:set-cookie',
  'header:trailer',
  'header:vary',
  'header:x-content-type-options',
  'header:x-frame-options',
  'header:x-powered-by',
]);

/**
 * What may be kept and shown of a difference.
 *
 * A value is shown by its form: every digit as `0`, every letter as `a` or `A`, any other character beyond ASCII and
 * every control character as `·`; punctuation, spaces and the length stay, and where the two begin to differ is said.
 * Shown as they are: the status, `null`, `true` and `false`, the hash of a body that is no text, headers that say how
 * an answer is made, the names of cookies, and values whose places the translation declares showable. Names of
 * fields are shown where they look like names; others may be data, and are masked.
 */
export function redact(difference: Difference, rules: CompareRules): RedactedDifference {
  const { path, field, kind, monolith, service, at } = difference;
  const isShown = rules.isShown(field) || SHOWN_HEADERS.has(field);
  return {
    path: redactPath(path),
    field: redactPath(field),
    kind,
    monolith: redactSide(monolith, isShown),
    service: redactSide(service, isShown),
    ...(at === undefined ? {} : { at }),
  };
}

/** Masks names in quotes: those that do not look like a field's name. */
export function redactPath(path: string): string {
  return path.replaceAll(/\["(?:[^"\\]|\\.)*"\]/g, (name) => `[${mask(name.slice(1, -1))}]`);
}

const OPEN_TYPES = new Set(['status', 'null', 'boolean', 'bytes', 'absent']);

function redactSide({ type, length, text }: Side, isShown: boolean): RedactedSide {
  return { type, length, text: isShown ? visible(text) : OPEN_TYPES.has(type) ? text : mask(text) };
}

/** `…` stands for what was cut off, and is kept. */
export function mask(text: string): string {
  return text.replaceAll(/\p{Nd}|\p{Lu}|\p{L}|[^\x20-\x7e…]/gu, (character) => {
    if (/\p{Nd}/u.test(character)) return '0';
    if (/\p{Lu}/u.test(character)) return 'A';
    return /\p{L}/u.test(character) ? 'a' : '·';
  });
}

/** Whoever reads it in a terminal must not be spoken to by it. */
function visible(text: string): string {
  return text.replaceAll(/\p{C}/gu, '·');
}

/**
 * Whether Postgres can store a text as it is: no NUL, which it refuses, and no lone surrogate, which would silently
 * become another character.
 */
export function isStorable(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed();
}

/** Whether a text is for one line: without line breaks, tabs and other control characters. */
export function isSingleLine(text: string): boolean {
  return !/\p{Cc}/u.test(text);
}

/** Length as people count it: code points. */
export function lengthOf(text: string): number {
  let length = 0;
  for (const _ of text) length += 1;
  return length;
}

/** The elements of a comma-separated field value, trimmed, in lower case, empty ones left out. */
export function listElements(value: string): string[] {
  const elements: string[] = [];
  for (const part of value.split(',')) {
    const element = part.trim().toLowerCase();
    if (element !== '') elements.push(element);
  }
  return elements;
}

/**
 * A Content-Length as a number, or -1 if it is not one safe, plain decimal. Lists (`5, 5`), signs and numbers
 * beyond 2^53 are refused: RFC 9110 §8.6 lets a recipient fold identical repeats, but nobody honest sends
 * them and parsers differ.
 */
export function parseContentLength(bytes: Buffer, start: number, end: number): number {
  if (end === start || end - start > 16) return -1;
  let length = 0;
  for (let at = start; at < end; at++) {
    const digit = (bytes[at] as number) - 48;
    if (digit < 0 || digit > 9) return -1;
    length = length * 10 + digit;
  }
  return length <= Number.MAX_SAFE_INTEGER ? length : -1;
}

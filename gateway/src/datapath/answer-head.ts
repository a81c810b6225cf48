import { STATUS_CODES } from 'node:http';

/** `[name, value]`, Latin-1, in the order and case that they are to be written in. */
export type Line = readonly [name: string, value: string];

/** How the body of an answer made here is sent. */
export type AnswerFraming =
  /** None: a HEAD's, or a status that has none. */
  | 'none'
  /** As long as the Content-Length among its lines says. */
  | 'length'
  | 'chunked'
  /** To an HTTP/1.0 client: its end is the connection's. */
  | 'until-close';

const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const NOT_IN_VALUE = /[^\t\x20-\x7e\x80-\xff]/;
/** Names that were looked at already: answers have few. */
const KNOWN_NAMES = new Set<string>();
const KNOWN_NAMES_MAX = 512;

/** A line that nobody may write: what is in it would end the line, or be no Latin-1. */
export class UnwritableLine extends Error {
  override readonly name = 'UnwritableLine';
}

export function headLine(name: string, value: string): string {
  if (!KNOWN_NAMES.has(name)) learnName(name);
  if (NOT_IN_VALUE.test(value)) throw new UnwritableLine(`the value of ${name} holds what none may hold`);
  return `${name}: ${value}\r\n`;
}

function learnName(name: string): void {
  if (!NAME.test(name)) throw new UnwritableLine('a header name holds what none may hold');
  if (KNOWN_NAMES.size < KNOWN_NAMES_MAX) KNOWN_NAMES.add(name);
}

/** The status line and what is in `lines`, without the empty line. */
export function headText(status: number, lines: readonly Line[]): string {
  let text = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? 'unknown'}\r\n`;
  for (const [name, value] of lines) text += headLine(name, value);
  return text;
}

/** The value of Content-Length among the lines, if there is one. */
export function contentLengthOf(lines: readonly Line[]): number | undefined {
  for (const [name, value] of lines) {
    if (name.length === 14 && name.toLowerCase() === 'content-length') return Number(value);
  }
  return undefined;
}

export function hasDate(lines: readonly Line[]): boolean {
  return lines.some(([name]) => name.length === 4 && name.toLowerCase() === 'date');
}

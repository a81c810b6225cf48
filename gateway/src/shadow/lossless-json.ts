/**
 * JSON with its numbers as they are written and its fields in their order. `JSON.parse` with a reviver's `source`
 * would give the former, but puts fields that look like numbers first, forgets a repeated one, and does not say where
 * in the text a value stands.
 */
export type JsonNode = {
  /** Where its text begins and ends. */
  readonly start: number;
  readonly end: number;
} & (
  | { readonly type: 'null' | 'boolean' | 'number' | 'string' }
  | { readonly type: 'array'; readonly items: readonly JsonNode[] }
  /** Of a repeated name the last, as every parser takes it. */
  | { readonly type: 'object'; readonly fields: ReadonlyMap<string, JsonNode> }
);

/** Deeper ones are not read as JSON: nobody descends without a bound. */
const DEPTH_MAX = 64;

/** Undefined where the text is no JSON. */
export function parseLossless(text: string): JsonNode | undefined {
  try {
    JSON.parse(text);
    return readValue({ text, at: 0 }, 0);
  } catch {
    // What is wrong with it says nothing that the comparison of the texts does not.
    return undefined;
  }
}

/** A string's value, escapes undone. */
export function stringOf(text: string, { start, end }: JsonNode): string {
  const source = text.slice(start + 1, end - 1);
  return source.includes('\\') ? (JSON.parse(`"${source}"`) as string) : source;
}

type Cursor = { readonly text: string; at: number };

/** The text has been found to be JSON: what stands here is told by its first character. */
function readValue(cursor: Cursor, depth: number): JsonNode {
  if (depth > DEPTH_MAX) throw new RangeError('nested too deep');
  skipSpace(cursor);
  const start = cursor.at;
  switch (cursor.text[start]) {
    case '{':
      return readObject(cursor, depth);
    case '[':
      return readArray(cursor, depth);
    case '"':
      skipString(cursor);
      return { type: 'string', start, end: cursor.at };
    case 'n':
      cursor.at += 'null'.length;
      return { type: 'null', start, end: cursor.at };
    case 't':
    case 'f':
      cursor.at += cursor.text[start] === 't' ? 'true'.length : 'false'.length;
      return { type: 'boolean', start, end: cursor.at };
    default:
      NUMBER.lastIndex = start;
      NUMBER.test(cursor.text);
      cursor.at = NUMBER.lastIndex;
      return { type: 'number', start, end: cursor.at };
  }
}

const NUMBER = /[-+.0-9eE]+/y;
const SPACE = /[ \t\r\n]*/y;

function readObject(cursor: Cursor, depth: number): JsonNode {
  const start = cursor.at;
  const fields = new Map<string, JsonNode>();
  while (takeElement(cursor, '}')) {
    const nameStart = cursor.at;
    skipString(cursor);
    const name = stringOf(cursor.text, { type: 'string', start: nameStart, end: cursor.at });
    skipSpace(cursor);
    cursor.at += ':'.length;
    const value = readValue(cursor, depth + 1);
    // In the order of the last of each name.
    fields.delete(name);
    fields.set(name, value);
  }
  return { type: 'object', start, end: cursor.at, fields };
}

function readArray(cursor: Cursor, depth: number): JsonNode {
  const start = cursor.at;
  const items: JsonNode[] = [];
  while (takeElement(cursor, ']')) items.push(readValue(cursor, depth + 1));
  return { type: 'array', start, end: cursor.at, items };
}

/** Behind the bracket or comma that stands here; false where the end follows, which is taken too. */
function takeElement(cursor: Cursor, close: ']' | '}'): boolean {
  skipSpace(cursor);
  const isEnd = cursor.text[cursor.at] === close;
  cursor.at += 1;
  if (isEnd) return false;
  skipSpace(cursor);
  if (cursor.text[cursor.at] !== close) return true;
  cursor.at += 1;
  return false;
}

function skipSpace(cursor: Cursor): void {
  if (cursor.text.charCodeAt(cursor.at) > 0x20) return;
  SPACE.lastIndex = cursor.at;
  SPACE.test(cursor.text);
  cursor.at = SPACE.lastIndex;
}

function skipString(cursor: Cursor): void {
  const { text } = cursor;
  let end = text.indexOf('"', cursor.at + 1);
  while (isEscaped(text, end)) end = text.indexOf('"', end + 1);
  cursor.at = end + 1;
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text[at - 1 - backslashes] === '\\') backslashes += 1;
  return backslashes % 2 === 1;
}

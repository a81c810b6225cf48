/** What of a request's preferences the gateway knows. */
export type Preferences = {
  readonly respondAsync: boolean;
  /** Whole seconds that the client would wait for the answer itself; undefined where it does not say. */
  readonly waitSeconds: number | undefined;
};

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const NO_PREFERENCES: Preferences = Object.freeze({ respondAsync: false, waitSeconds: undefined });

/**
 * Reads `Prefer` (RFC 7240 §2), each line's value by itself. What is not known is ignored, so is one that cannot be
 * read, and of several with one name all but the first. Parameters are read over: none that we know has any.
 */
export function parsePrefer(values: readonly string[]): Preferences {
  if (values.length === 0) return NO_PREFERENCES;
  const seen = new Map<string, string>();
  for (const value of values) {
    for (const preference of splitOutsideQuotes(value, ',')) {
      const [first = ''] = splitOutsideQuotes(preference, ';');
      const { name, word } = readPair(first);
      if (TOKEN.test(name) && word !== undefined && !seen.has(name)) seen.set(name, word);
    }
  }
  const wait = seen.get('wait');
  return {
    // "respond-async" takes no value; an empty one is as none (§2).
    respondAsync: seen.get('respond-async') === '',
    waitSeconds: wait !== undefined && /^\d{1,9}$/.test(wait) ? Number(wait) : undefined,
  };
}

/** `word` is undefined where it is neither a token nor a quoted string. */
function readPair(text: string): { name: string; word: string | undefined } {
  const equals = text.indexOf('=');
  if (equals === -1) return { name: text.trim().toLowerCase(), word: '' };
  const name = text.slice(0, equals).trim().toLowerCase();
  const word = text.slice(equals + 1).trim();
  if (word === '' || TOKEN.test(word)) return { name, word };
  const quoted = /^"((?:[^"\\]|\\[\s\S])*)"$/.exec(word)?.[1];
  return { name, word: quoted?.replace(/\\([\s\S])/g, '$1') };
}

/** A quote that is never closed takes all that follows. */
function splitOutsideQuotes(text: string, separator: string): string[] {
  const parts: string[] = [];
  let start = 0;
  let isQuoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (isQuoted && character === '\\') at += 1;
    else if (character === '"') isQuoted = !isQuoted;
    else if (!isQuoted && character === separator) {
      parts.push(text.slice(start, at));
      start = at + 1;
    }
  }
  parts.push(text.slice(start));
  return parts;
}

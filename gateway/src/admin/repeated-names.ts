/** A string, with the colon that makes it a member's name; or where a list or an object begins or ends. */
const TOKEN = /"((?:[^"\\]|\\.)*)"(\s*:)?|[{}[\]]/g;

/**
 * Names that an object of the text has more than once: `JSON.parse` takes the last of their values, and another reader
 * may take the first. The text must be JSON.
 */
export function repeatedNames(text: string): readonly string[] {
  const open: (Set<string> | undefined)[] = [];
  const repeated = new Set<string>();
  for (const [token, quoted, colon] of text.matchAll(TOKEN)) {
    if (token === '{') open.push(new Set());
    else if (token === '[') open.push(undefined);
    else if (token === '}' || token === ']') open.pop();
    else if (colon !== undefined) {
      // As it reads, and not as it is written: `"\u0061"` is `"a"`.
      const name = JSON.parse(`"${quoted}"`) as string;
      const names = open.at(-1);
      if (names?.has(name)) repeated.add(name);
      names?.add(name);
    }
  }
  return [...repeated];
}

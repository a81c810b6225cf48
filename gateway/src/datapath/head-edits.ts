/** Changes that a decision asks for beyond the path's own: which fields to leave out (lower case), which to add. */
export type HeadEdits = {
  readonly omit?: ReadonlySet<string>;
  /** `[name, value, …]`, Latin-1. The caller vouches for them. */
  readonly append?: readonly string[];
};

export function appendedLines(list: readonly string[] | undefined): string {
  if (list === undefined) return '';
  let lines = '';
  for (let i = 0; i + 1 < list.length; i += 2) lines += `${list[i]}: ${list[i + 1]}\r\n`;
  return lines;
}

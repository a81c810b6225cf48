import type { RedactedSide } from '../admin/types.ts';
import type { Paint } from '../terminal/paint.ts';
import { plainText, textWidth } from '../terminal/plain-text.ts';

const UNITS = {
  string: 'character',
  text: 'character',
  header: 'character',
  array: 'element',
  object: 'field',
  bytes: 'byte',
} as const;

/** What one side has, as it may be shown: `"aaaa"`, `000.00`, `array of 3`, `nothing`. */
export function sideText({ type, length, text }: RedactedSide): string {
  switch (type) {
    case 'absent':
      return 'nothing';
    case 'null':
      return 'null';
    case 'array':
    case 'object':
      return `${type} of ${many(length, UNITS[type])}`;
    case 'string':
      return `"${plainText(text)}"`;
    case 'bytes':
      return text === '' ? many(length, 'byte') : plainText(text);
    case 'status':
    case 'header':
    case 'boolean':
    case 'number':
    case 'text':
      return plainText(text);
  }
}

/** What the texts alone do not show: that the types differ, or how long they are. */
export function sidesNote(monolith: RedactedSide, service: RedactedSide): string {
  if (monolith.type === 'absent' || service.type === 'absent') return '';
  if (monolith.type !== service.type) return `${monolith.type} and ${service.type}`;
  const { type } = monolith;
  if (monolith.length === service.length || !(type === 'string' || type === 'header' || type === 'text'))
    return '';
  return `${monolith.length} and ${many(service.length, UNITS[type])}`;
}

const many = (count: number, unit: string): string => `${count} ${unit}${count === 1 ? '' : 's'}`;

const SEPARATOR = ' │ ';

/** Two texts beside each other, each within its half, broken into lines where they are longer. */
export function sideBySide(
  left: string,
  right: string,
  { width, paint }: { readonly width: number; readonly paint: Paint },
): string[] {
  const half = halfOf(width);
  const [from, leftTo, rightTo] = changedPart([...left], [...right]);
  const lefts = paintPart(left, half, [from, leftTo], (text) => paint('red', text));
  const rights = paintPart(right, half, [from, rightTo], (text) => paint('green', text));
  return Array.from({ length: Math.max(lefts.length, rights.length) }, (_, index) => {
    const { text = '', columns = 0 } = lefts[index] ?? {};
    const line = `${text}${' '.repeat(Math.max(0, half - columns))}${paint('dim', SEPARATOR)}`;
    return `${line}${rights[index]?.text ?? ''}`.trimEnd();
  });
}

/** Columns of one side. Where nothing has to fit, wide enough for what is kept of a value. */
const HALF_UNBOUNDED = 60;
function halfOf(width: number): number {
  return Number.isFinite(width) ? Math.max(8, Math.floor((width - SEPARATOR.length) / 2)) : HALF_UNBOUNDED;
}

/** Where two texts begin to differ, and where the parts that differ end in each. */
function changedPart(
  left: readonly string[],
  right: readonly string[],
): [from: number, leftTo: number, rightTo: number] {
  const shorter = Math.min(left.length, right.length);
  let from = 0;
  while (from < shorter && left[from] === right[from]) from += 1;
  let same = 0;
  while (same < shorter - from && left.at(-1 - same) === right.at(-1 - same)) same += 1;
  return [from, left.length - same, right.length - same];
}

/** A text in lines of so many columns, with the characters of a part painted. */
function paintPart(
  text: string,
  columns: number,
  [from, to]: readonly [number, number],
  paint: (text: string) => string,
): { readonly text: string; readonly columns: number }[] {
  const lines: { text: string; columns: number }[] = [];
  let [line, changed, width] = ['', '', 0];
  const endChanged = () => {
    if (changed !== '') line += paint(changed);
    changed = '';
  };
  const endLine = () => {
    endChanged();
    lines.push({ text: line, columns: width });
    [line, width] = ['', 0];
  };
  for (const [index, character] of [...text].entries()) {
    const characterColumns = textWidth(character);
    if (width + characterColumns > columns) endLine();
    if (index >= from && index < to) changed += character;
    else {
      endChanged();
      line += character;
    }
    width += characterColumns;
  }
  endLine();
  return lines;
}

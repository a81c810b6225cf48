import type { Paint, Style } from './paint.ts';
import { cutText, textWidth } from './plain-text.ts';

export type Column = {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** It may be cut down to so many columns where the table is too wide. Without it, it is never cut. */
  readonly widthMin?: number;
};

/** A text, or one with a style; it holds no control characters. */
export type Cell =
  | string
  | {
      readonly text: string;
      readonly style?: Style | undefined;
      /** Over so many columns, this one included; it makes none wider. At the end of a row it has all the width there is. */
      readonly span?: number;
    };

export type TableLayout = {
  /** Columns there are; Infinity where nothing has to fit. */
  readonly width: number;
  readonly paint: Paint;
  /** Blanks between two columns. */
  readonly gap?: number;
};

const textOf = (cell: Cell): string => (typeof cell === 'string' ? cell : cell.text);
const spanOf = (cell: Cell): number => (typeof cell === 'string' ? 1 : (cell.span ?? 1));

/**
 * Lines of a table with its titles. A row may be shorter than the titles; a row of none is an empty line. Beneath a
 * cell that spans several columns their cells are left out.
 */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  { width, paint, gap = 2 }: TableLayout,
): string[] {
  const placed = rows.map((row) => placeCells(row));
  const widths = fitWidths(
    columns,
    columns.map(({ title }, index) => {
      const cells = placed.flatMap((row) => row.filter(({ at, cell }) => at === index && spanOf(cell) === 1));
      return Math.max(textWidth(title), ...cells.map(({ cell }) => textWidth(textOf(cell))));
    }),
    width - gap * (columns.length - 1),
  );
  const widthOf = (at: number, span: number): number =>
    widths.slice(at, at + span).reduce((sum, each) => sum + each + gap, -gap);
  const line = (cells: readonly PlacedCell[]): string => {
    let text = '';
    let column = 0;
    for (const { at, cell } of cells) {
      const start = widthOf(0, at) + gap;
      const span = spanOf(cell);
      const isLast = span > 1 && at + span >= columns.length;
      const cellWidth = isLast ? Math.max(width - start, 0) : widthOf(at, span);
      const shown = cutText(textOf(cell), cellWidth);
      if (shown.trim() === '') continue;
      // Blanks are written when something follows them, so that no line ends with them, coloured or not.
      const lead = columns[at]?.align === 'right' ? cellWidth - textWidth(shown) : 0;
      text += ' '.repeat(start + lead - column);
      text += paint(typeof cell === 'string' ? undefined : cell.style, shown);
      column = start + lead + textWidth(shown);
    }
    return text;
  };
  const titles = columns.map(({ title }): Cell => ({ text: title, style: 'dim' }));
  return [line(placeCells(titles)), ...placed.map(line)];
}

type PlacedCell = { readonly at: number; readonly cell: Cell };

function placeCells(row: readonly Cell[]): PlacedCell[] {
  let at = 0;
  return row.map((cell) => {
    const placed = { at, cell };
    at += spanOf(cell);
    return placed;
  });
}

/** Takes from the widest that may be cut, one column of text at a time, until all fit or none may be cut. */
function fitWidths(columns: readonly Column[], wanted: readonly number[], available: number): number[] {
  const widths = [...wanted];
  let excess = widths.reduce((sum, each) => sum + each, 0) - available;
  while (excess > 0) {
    let widest: number | undefined;
    for (const [index, { widthMin }] of columns.entries()) {
      const width = widths[index] ?? 0;
      if (widthMin === undefined || width <= widthMin) continue;
      if (widest === undefined || width > (widths[widest] ?? 0)) widest = index;
    }
    if (widest === undefined) return widths;
    widths[widest] = (widths[widest] ?? 0) - 1;
    excess -= 1;
  }
  return widths;
}

import type { Paint, Style } from './paint.ts';
import { cutText, textWidth } from './plain-text.ts';

export type Column = {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** It may be cut down to so many columns where the table is too wide. Without it, it is never cut. */
  readonly widthMin?: number;
};

/** A text, or one with a style; it holds no control characters. */
export type Cell = string | { readonly text: string; readonly style?: Style | undefined };

export type TableLayout = {
  /** Columns there are; Infinity where nothing has to fit. */
  readonly width: number;
  readonly paint: Paint;
  /** Blanks between two columns. */
  readonly gap?: number;
};

const textOf = (cell: Cell): string => (typeof cell === 'string' ? cell : cell.text);

/** Lines of a table with its titles. A row may be shorter than the titles; a row of none is an empty line. */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  { width, paint, gap = 2 }: TableLayout,
): string[] {
  const widths = fitWidths(
    columns,
    columns.map(({ title }, index) =>
      Math.max(textWidth(title), ...rows.map((row) => textWidth(textOf(row[index] ?? '')))),
    ),
    width - gap * (columns.length - 1),
  );
  const line = (cells: readonly Cell[]): string => {
    let text = '';
    let blanks = 0;
    for (const [index, column] of columns.entries()) {
      const columnWidth = widths[index] ?? 0;
      const cell = cells[index] ?? '';
      const shown = cutText(textOf(cell), columnWidth);
      const blank = columnWidth - textWidth(shown);
      const lead = column.align === 'right' ? blank : 0;
      // Blanks are written when something follows them, so that no line ends with them, coloured or not.
      if (shown === '') blanks += columnWidth + gap;
      else {
        text += ' '.repeat(blanks + lead) + paint(typeof cell === 'string' ? undefined : cell.style, shown);
        blanks = blank - lead + gap;
      }
    }
    return text;
  };
  const titles = columns.map(({ title }): Cell => ({ text: title, style: 'dim' }));
  return [line(titles), ...rows.map(line)];
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

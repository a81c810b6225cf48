import type { CommandContext, CommandOutput } from '../command.ts';
import { type Paint, paintFor } from './paint.ts';

/** How wide a text may be and in which colours: a terminal's columns; what is read by a program is not cut. */
export type Layout = { readonly width: number; readonly paint: Paint; readonly now: Date };

export function layoutFor(context: Pick<CommandContext, 'env' | 'out' | 'wallClock'>): Layout {
  const { out, wallClock } = context;
  return { width: widthOf(out), paint: paintFor(context), now: wallClock() };
}

const COLUMNS_MIN = 40;

function widthOf({ isTerminal, columns }: CommandOutput): number {
  return isTerminal ? Math.max(columns, COLUMNS_MIN) : Number.POSITIVE_INFINITY;
}

export const writeLines = (out: CommandOutput, lines: readonly string[]): void =>
  out.write(lines.map((line) => `${line}\n`).join(''));

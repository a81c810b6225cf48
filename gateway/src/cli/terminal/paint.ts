import { styleText } from 'node:util';
import type { CommandContext } from '../command.ts';

export type Style = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan' | 'magenta';
export type Paint = (style: Style | undefined, text: string) => string;

export const UNPAINTED: Paint = (_style, text) => text;
export const PAINTED: Paint = (style, text) =>
  style === undefined || text === '' ? text : styleText(style, text, { validateStream: false });

/** Colours for a terminal, unless NO_COLOR is set (https://no-color.org) or the terminal is a dumb one. */
export function paintFor({ env, out }: Pick<CommandContext, 'env' | 'out'>): Paint {
  return out.isTerminal && !env.NO_COLOR && env.TERM !== 'dumb' ? PAINTED : UNPAINTED;
}

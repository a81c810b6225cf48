import { setTimeout as pause } from 'node:timers/promises';
import { AdminUnreachable } from '../admin/refusal.ts';
import type { CommandContext } from '../command.ts';
import { type Layout, layoutFor, writeLines } from './layout.ts';
import { createLiveLines } from './live-lines.ts';
import { cutText } from './plain-text.ts';

export type Watching<T> = {
  readonly ask: () => Promise<T>;
  /** For a terminal: all lines of one drawing. */
  readonly draw: (value: T, layout: Layout) => readonly string[];
  /** Elsewhere: what is added. */
  readonly print: (value: T, layout: Layout) => readonly string[];
};

const DRAW_EVERY_MS = 2_000;
const PRINT_EVERY_MS = 10_000;

/**
 * Shows something again and again until the command is stopped, which is its regular end. A gateway that is away is
 * said and waited for; a refusal ends it.
 */
export async function watch<T>(context: CommandContext, { ask, draw, print }: Watching<T>): Promise<void> {
  const { out, err, signal } = context;
  const live = out.isTerminal ? createLiveLines(out) : undefined;
  let last: T | undefined;
  try {
    while (!signal.aborted) {
      const fault = await asking(ask, signal);
      if ('value' in fault) last = fault.value;
      const layout = layoutFor(context);
      if (live === undefined) {
        if ('value' in fault) writeLines(out, print(fault.value, layout));
        else if (!signal.aborted) err.write(`${fault.message}\n`);
      } else if (!signal.aborted) {
        const lines = last === undefined ? [] : [...draw(last, layout)];
        if ('message' in fault) lines.push('', layout.paint('red', cutText(fault.message, layout.width)));
        live.draw(lines);
      }
      await pause(live ? DRAW_EVERY_MS : PRINT_EVERY_MS, undefined, { signal }).catch(() => {});
    }
  } finally {
    live?.end();
  }
}

async function asking<T>(
  ask: () => Promise<T>,
  signal: AbortSignal,
): Promise<{ value: T } | { message: string }> {
  try {
    return { value: await ask() };
  } catch (error) {
    if (signal.aborted) return { message: 'stopped' };
    if (error instanceof AdminUnreachable) return { message: error.message };
    throw error;
  }
}

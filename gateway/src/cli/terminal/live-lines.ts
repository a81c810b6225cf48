import type { CommandOutput } from '../command.ts';

export type LiveLines = {
  /** Puts these lines where the last ones stood. They fit the terminal: none wraps. */
  draw(lines: readonly string[]): void;
  /** Leaves what is drawn, and the cursor below it. */
  end(): void;
};

const CLEAR_LINE = '\u001b[2K';
const CLEAR_BELOW = '\u001b[J';
const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';

/** Lines of a terminal that are drawn anew in their place. What does not fit its height is told, not drawn. */
export function createLiveLines(output: CommandOutput): LiveLines {
  let drawn = 0;
  return {
    draw(lines) {
      const room = Math.max(1, (output.rows ?? Number.POSITIVE_INFINITY) - 1);
      const shown =
        lines.length <= room
          ? lines
          : [...lines.slice(0, room - 1), `… ${lines.length - room + 1} more lines: the window is too low`];
      const up = drawn === 0 ? HIDE_CURSOR : `\u001b[${drawn}A\r`;
      output.write(`${up}${shown.map((line) => `${CLEAR_LINE}${line}\n`).join('')}${CLEAR_BELOW}`);
      drawn = shown.length;
    },
    end() {
      if (drawn > 0) output.write(SHOW_CURSOR);
      drawn = 0;
    },
  };
}

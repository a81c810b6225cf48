import { progressBar, progressText } from '@banyan/mover/progress-text';
import type { CommandOutput } from '../command.ts';

type Progress = {
  readonly step: string;
  readonly table: string;
  readonly rows: number;
  readonly rowsTotal: number;
};

export type ProgressScreen = {
  step(name: string): void;
  progress(progress: Progress): void;
  /** Leaves the cursor on a line of its own. */
  end(): void;
};

const REDRAW_MS = 100;
const LINE_EVERY_MS = 5_000;
const CLEAR_LINE = '\r\u001b[2K';

/** A bar that redraws itself on a terminal; elsewhere a line at each step, and every few seconds within one. */
export function createProgressScreen(output: CommandOutput, now: () => number): ProgressScreen {
  let step = { name: '', startedAt: 0, rowsBefore: null as number | null, shownAt: Number.NEGATIVE_INFINITY };
  let isDrawn = false;
  const clear = () => {
    if (isDrawn) output.write(CLEAR_LINE);
    isDrawn = false;
  };
  return {
    step(name) {
      clear();
      step = {
        name,
        startedAt: now(),
        rowsBefore: null,
        shownAt: output.isTerminal ? Number.NEGATIVE_INFINITY : now(),
      };
      output.write(`${name}\n`);
    },
    progress(progress) {
      // The first rows told may be another run's; what came after them is this run's.
      step.rowsBefore ??= progress.rows < progress.rowsTotal ? progress.rows : 0;
      const at = now();
      const isLast = progress.rows >= progress.rowsTotal;
      if (!isLast && at - step.shownAt < (output.isTerminal ? REDRAW_MS : LINE_EVERY_MS)) return;
      step.shownAt = at;
      const facts = { ...progress, elapsedMs: at - step.startedAt, rowsBefore: step.rowsBefore };
      if (!output.isTerminal) {
        output.write(`${progressText(facts)}\n`);
        return;
      }
      output.write(`${CLEAR_LINE}${progressBar(facts, output.columns)}`);
      isDrawn = true;
    },
    end: clear,
  };
}

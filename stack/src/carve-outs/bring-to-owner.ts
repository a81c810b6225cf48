import { type CopyProgress, copyAggregate, Refusal } from '@banyan/mover/copy-aggregate';
import { progressText } from '@banyan/mover/progress-text';
import type { Screen } from '../../bootstrap/screen.mjs';
import { SetupError } from '../../bootstrap/setup-error.mjs';
import type { CarveOutWish } from './carve-out.ts';

export type Move = {
  readonly wish: CarveOutWish;
  readonly monolithUrl: string;
  readonly serviceUrl: string;
};

export type MoveParts = {
  readonly screen: Screen;
  readonly nowMs: () => number;
  readonly signal: AbortSignal;
};

/** Copies a carve-out's data to the side that is to own it, unless that owns it already. Nobody may write meanwhile. */
export async function bringToOwner(move: Move, { screen, nowMs, signal }: MoveParts): Promise<void> {
  const { wish, monolithUrl, serviceUrl } = move;
  const { carveOut, owner } = wish;
  await screen.step(`${carveOut.name} with the ${owner}`, async (note) => {
    const tell = createTelling(note, nowMs);
    try {
      const { moved, rows, leftSevered } = await copyAggregate({
        plan: carveOut.plan,
        monolithUrl,
        serviceUrl,
        to: owner,
        signal,
        onProgress: tell,
      });
      note(moved ? `${rows.toLocaleString('en-US')} rows moved` : '');
      for (const { foreignKey, why } of leftSevered)
        screen.line(`  not put back: the foreign key ${foreignKey} (${why})`);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      throw new SetupError(`The data of ${carveOut.name} could not be brought to the ${owner}.`, {
        detail: error.message,
        cause: error,
      });
    }
  });
}

/** Each step of the copy has a rate and a time left of its own. */
function createTelling(note: (text: string) => void, nowMs: () => number): (progress: CopyProgress) => void {
  let step = '';
  let startedAtMs = 0;
  let rowsBefore = 0;
  return (progress) => {
    if (progress.step !== step) {
      step = progress.step;
      startedAtMs = nowMs();
      // The first rows told may be another run's; what came after them is this run's.
      rowsBefore = progress.rows < progress.rowsTotal ? progress.rows : 0;
    }
    note(progressText({ ...progress, elapsedMs: nowMs() - startedAtMs, rowsBefore }));
  };
}

import type { Logger } from 'pino';
import type { BackgroundWorker } from '../parts.ts';

/**
 * Repeats `round` every `intervalMs`, first after one interval. Rounds never overlap: the next is scheduled
 * when one has ended. `stop` lets the round under way end; its signal asks it to be brief.
 */
export function createRepeating<Report>(
  name: string,
  intervalMs: number,
  logger: Logger,
  round: (signal: AbortSignal) => Promise<Report>,
): BackgroundWorker<Report> {
  const stopping = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let current: Promise<Report> | undefined;

  const runOnce = async (): Promise<Report> => {
    // A round asked for while one runs waits for its turn.
    while (current) await current.catch(() => undefined);
    current = round(stopping.signal);
    try {
      return await current;
    } finally {
      current = undefined;
    }
  };
  const schedule = (): void => {
    if (stopping.signal.aborted) return;
    timer = setTimeout(async () => {
      await runOnce().catch((error) => logger.error({ err: error, job: name }, 'a round of a job failed'));
      schedule();
    }, intervalMs);
  };
  return {
    start: schedule,
    runOnce,
    async stop() {
      stopping.abort();
      clearTimeout(timer);
      // Its failure was reported where it was awaited.
      await current?.catch(() => undefined);
    },
  };
}

import type { Logger } from './logger.ts';

export type BackgroundWorker<Report = unknown> = {
  start(): void;
  /** One round, at once; after the one under way, if there is one. */
  runOnce(): Promise<Report>;
  /** Lets the round under way end; its signal asks it to be brief. */
  stop(): Promise<void>;
};

/**
 * Repeats `round` every `intervalMs`, first after one interval. Rounds never overlap: the next is scheduled when
 * one has ended.
 */
export function createRepeating<Report>(options: {
  readonly name: string;
  readonly intervalMs: number;
  readonly logger: Logger;
  readonly round: (signal: AbortSignal) => Promise<Report>;
}): BackgroundWorker<Report> {
  const { name, intervalMs, logger, round } = options;
  const stopping = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let current: Promise<Report> | undefined;

  const runOnce = async (): Promise<Report> => {
    // A round asked for while one runs waits for its turn; its failure was reported where it was awaited.
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
      await current?.catch(() => undefined);
    },
  };
}

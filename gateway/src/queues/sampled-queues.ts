import type { QueueReport, Queues } from './queues.ts';

/** Undefined: Redis could not be asked. */
export type QueuesSample = readonly QueueReport[] | undefined;

const SAMPLE_MS = 5_000;

/** Asks every few seconds at most, however often it is read; those who read at once share one question. */
export function sampleQueues(
  queues: Pick<Queues, 'list'>,
  monotonicMs: () => number,
): { read(): Promise<QueuesSample> } {
  let sample: Promise<QueuesSample> | undefined;
  let askAt = 0;
  return {
    read: () => {
      if (sample === undefined || monotonicMs() >= askAt) {
        askAt = monotonicMs() + SAMPLE_MS;
        sample = queues.list().catch(() => undefined);
      }
      return sample;
    },
  };
}

import { refuseJob } from './refusals.ts';
import type { Run, RunTable } from './run-table.ts';

/** Collected before they are written; a message that is larger goes alone. */
const BATCH_BYTES = 262_144;
const BATCH_MESSAGES_MAX = 100;

/** Thrown when the attempt is no longer the job's last. */
export class JobLost extends Error {
  override readonly name = 'JobLost';
}

export type ResultWriter = {
  /** Comes back when the database has room for more: whoever waits for it holds one batch in memory. */
  add(message: Buffer): Promise<void>;
  flush(): Promise<void>;
};

/** Writes what a method answers, in its order. Throws JOB_RESULT_TOO_LARGE when that is more than is kept of one job. */
export function createResultWriter(
  table: Pick<RunTable, 'append'>,
  run: Run,
  { resultBytesMax }: { readonly resultBytesMax: number },
): ResultWriter {
  let batch: Buffer[] = [];
  let batchBytes = 0;
  let bytes = 0;
  let written = 0;

  const flush = async (): Promise<void> => {
    if (batch.length === 0) return;
    const messages = batch;
    batch = [];
    batchBytes = 0;
    if (!(await table.append(run, written, messages))) throw new JobLost('another has the job');
    written += messages.length;
  };

  return {
    async add(message) {
      bytes += message.length;
      if (bytes > resultBytesMax) {
        throw refuseJob('JOB_RESULT_TOO_LARGE', {
          message: `the result of a job may have ${resultBytesMax} bytes`,
          metadata: { bytes_max: String(resultBytesMax) },
        });
      }
      if (batchBytes + message.length > BATCH_BYTES) await flush();
      batch.push(message);
      batchBytes += message.length;
      if (batch.length >= BATCH_MESSAGES_MAX) await flush();
    },
    flush,
  };
}

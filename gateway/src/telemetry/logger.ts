import { destination, type Logger, pino } from 'pino';

export type { Logger };

/** Lines that wait for a slow reader; what comes on top is dropped and counted, never waited for. */
const WAITING_BYTES_MAX = 8_388_608;

export type LogSink = {
  readonly logger: Logger;
  /** Lines dropped since the start because nobody read them in time. */
  droppedLines(): number;
  /** Writes what waits, as far as the reader takes it within a second or so. Blocks: for stopping and tests. */
  flush(): void;
  /** Flushes, and lets go of the file descriptor. */
  close(): void;
};

const FLUSH_ATTEMPTS_MAX = 10; // a tenth of a second apart

/** Logs one JSON object a line to a file descriptor, without ever blocking on it. */
export function createLogSink(level: string, fd: number): LogSink {
  let dropped = 0;
  let attemptsLeft = Number.POSITIVE_INFINITY;
  const stream = destination({
    fd,
    sync: false,
    maxLength: WAITING_BYTES_MAX,
    // A reader that does not read must not keep the process from ending.
    retryEAGAIN: () => {
      attemptsLeft -= 1;
      return attemptsLeft > 0;
    },
  });
  stream.on('drop', () => {
    dropped += 1;
  });
  // A reader that is gone (EPIPE) takes no lines; requests are served all the same.
  stream.on('error', () => {
    dropped += 1;
  });
  const logger = pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    stream,
  );
  const flush = (): void => {
    attemptsLeft = FLUSH_ATTEMPTS_MAX;
    try {
      stream.flushSync();
    } catch {
      // Not open, or its reader is gone or does not read: there is nobody to tell.
    }
    attemptsLeft = Number.POSITIVE_INFINITY;
  };
  return {
    logger,
    droppedLines: () => dropped,
    flush,
    close: () => {
      flush();
      stream.destroy();
    },
  };
}

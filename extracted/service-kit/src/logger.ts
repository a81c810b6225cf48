import { destination, type Logger, pino } from 'pino';
import { safeError } from './safe-error.ts';

export type { Logger };

/** Lines that wait for a slow reader; what comes on top is dropped and counted, never waited for. */
const WAITING_BYTES_MAX = 8_388_608;
const FLUSH_ATTEMPTS_MAX = 10; // a tenth of a second apart

export type LogSink = {
  readonly logger: Logger;
  /** Lines dropped since the start because nobody read them in time. */
  droppedLines(): number;
  /** Writes what waits, as far as the reader takes it within a second or so. Blocks: for stopping and tests. */
  flush(): void;
  /** Flushes, and lets go of the file descriptor. */
  close(): void;
};

/** Logs one JSON object a line to a file descriptor, without ever blocking on it. */
export function createLogSink(
  level: string,
  { fd, service }: { readonly fd: number; readonly service: string },
): LogSink {
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
  const countDropped = (): void => {
    dropped += 1;
  };
  stream.on('drop', countDropped);
  // A reader that is gone (EPIPE) takes no lines; calls are served all the same.
  stream.on('error', countDropped);
  const logger = pino(
    {
      level,
      base: { service },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: safeError, error: safeError },
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

/** For tests and tools: nothing is written. */
export const silentLogger: Logger = pino({ level: 'silent' });

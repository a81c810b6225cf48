import { destination, type Logger, pino } from 'pino';

export type { Logger };

/** Lines that wait for a slow reader; what comes on top is dropped and counted, never waited for. */
const WAITING_BYTES_MAX = 8_388_608;

export type LogSink = {
  readonly logger: Logger;
  /** Lines dropped since the start because nobody read them in time. */
  droppedLines(): number;
  /** Writes what waits, as far as the reader takes it at once. */
  flush(): void;
};

/** Logs one JSON object a line to a file descriptor, without ever blocking on it. */
export function createLogSink(level: string, fd: number): LogSink {
  const stream = destination({ fd, sync: false, maxLength: WAITING_BYTES_MAX });
  let dropped = 0;
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
  return {
    logger,
    droppedLines: () => dropped,
    flush: () => {
      try {
        stream.flushSync();
      } catch {
        // Not open, or its reader is gone: there is nobody to tell.
      }
    },
  };
}

import { destination, type Logger, pino } from 'pino';

export type { Logger };

/** Lines that wait for a slow reader; what comes on top is dropped and counted, never waited for. */
const WAITING_BYTES_MAX = 8_388_608;
/** A reader that does not read must not keep the process from ending. */
const FLUSH_DEADLINE_MS = 1_000;

export type LogSink = {
  readonly logger: Logger;
  /** Lines dropped since the start because nobody read them in time. */
  droppedLines(): number;
  /**
   * Fulfilled when everything logged so far is written, or nobody has read it within a second. It waits for the write
   * under way instead of writing past it, so lines stay in order.
   */
  flush(): Promise<void>;
  /** Flushes, and lets go of the file descriptor. */
  close(): Promise<void>;
};

/** Logs one JSON object a line to a file descriptor, without ever blocking on it. */
export function createLogSink(level: string, fd: number): LogSink {
  let dropped = 0;
  /** Whether lines wait or are being written: told by the stream when they no longer are. */
  let isBusy = false;
  const stream = destination({ fd, sync: false, maxLength: WAITING_BYTES_MAX });
  stream.on('drop', () => {
    dropped += 1;
  });
  stream.on('drain', () => {
    isBusy = false;
  });
  // A reader that is gone (EPIPE) takes no lines; requests are served all the same.
  stream.on('error', () => {
    dropped += 1;
    isBusy = false;
  });
  const logger = pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    {
      write: (line) => {
        isBusy = true;
        stream.write(line);
      },
    },
  );
  const untilIdle = async (): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, FLUSH_DEADLINE_MS);
    const events = ['drain', 'error'] as const;
    for (const event of events) stream.on(event, resolve);
    await promise;
    clearTimeout(timer);
    for (const event of events) stream.off(event, resolve);
    flushing = undefined;
  };
  /** One wait for all who ask meanwhile: it ends when nothing is left, whatever was added. */
  let flushing: Promise<void> | undefined;
  const flush = async (): Promise<void> => {
    if (!isBusy) return;
    flushing ??= untilIdle();
    await flushing;
  };
  return {
    logger,
    droppedLines: () => dropped,
    flush,
    close: async () => {
      await flush();
      stream.destroy();
    },
  };
}

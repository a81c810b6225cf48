import type { Logger } from './logger.ts';

const LOG_EVERY_MS = 5_000;

/** Logs what the ports tell of connections that the system could not accept, which may go on and on: a line in five seconds. */
export function createAcceptFailures(logger: Logger, monotonicMs: () => number): (failure: unknown) => void {
  let loggedAtMs = Number.NEGATIVE_INFINITY;
  return (failure) => {
    if (monotonicMs() - loggedAtMs < LOG_EVERY_MS) return;
    loggedAtMs = monotonicMs();
    logger.error({ err: failure }, 'a connection could not be accepted');
  };
}

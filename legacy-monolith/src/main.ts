import { createMonolith } from './compose.ts';
import { ConfigError, type MonolithConfig, parseMonolithConfig } from './config.ts';
import { createLogger } from './log/logger.ts';

/** What a stop may take beyond the drain: a round of a job, the closing of the database. */
const STOP_EXTRA_MS = 15_000;

const config = readConfig();
const logger = createLogger(config.logLevel);
const monolith = createMonolith(config, { logger });

let stopping = false;
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    // The second signal is from somebody who has waited enough.
    if (stopping) process.exit(1);
    stopping = true;
    logger.info({ signal }, 'stopping');
    limitStop();
    monolith.stop().then(
      () => process.exit(0),
      (error) => {
        logger.error({ err: error }, 'stopped with faults');
        process.exit(1);
      },
    );
  });
}

try {
  const { port, seamPort } = await monolith.listen();
  logger.info({ port, seamPort: seamPort ?? undefined, host: config.host }, 'listening');
} catch (error) {
  const taken = (error as { code?: string }).code === 'EADDRINUSE';
  const message = taken ? `port ${config.port} is taken: set MONOLITH_PORT to another` : 'could not start';
  logger.fatal({ err: error }, message);
  process.exit(1);
}

/** Ends the process when its stop does not come to an end. */
function limitStop(): void {
  setTimeout(() => {
    logger.error('the stop took too long and was cut off');
    process.exit(1);
  }, config.drainMs + STOP_EXTRA_MS).unref();
}

function readConfig(): MonolithConfig {
  try {
    return parseMonolithConfig(process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}

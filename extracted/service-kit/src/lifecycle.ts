import { randomUUID } from 'node:crypto';
import { ConfigError, type Environment } from './config.ts';
import { createLogSink, type Logger } from './logger.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { loadTracing, type Tracing } from './tracing.ts';

export { createReleaseStack, type Release, type ReleaseStack } from './release-stack.ts';

/** What a process has that tests replace. */
export type ServiceParts = {
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Null or nothing: no traces. */
  readonly tracing?: Tracing | null;
  readonly now: () => Date;
  readonly newId: () => string;
  readonly random: () => number;
};

export type RunningService = {
  /** Starts, all or nothing; gives what the "listening" line says, such as `{ port }`. */
  listen(): Promise<Readonly<Record<string, unknown>>>;
  /** Idempotent. */
  stop(): Promise<void>;
};

/** What a stop may take beyond the drain: a round of a job, the closing of the database. */
const STOP_EXTRA_MS = 10_000;
/** For the spans of the last calls. */
const LAST_SPANS_MS = 2_000;

/**
 * The whole life of a service's process: configuration, start, and a stop by signal. The first SIGTERM or SIGINT
 * stops gracefully within a limit, the second at once. Ends with 0 after a clean stop, else with 1.
 */
export async function runService<
  C extends { readonly logLevel: string; readonly drainTimeoutMs: number },
>(options: {
  readonly name: string;
  readonly readConfig: (env: Environment) => C;
  readonly compose: (config: C, parts: ServiceParts) => RunningService;
}): Promise<void> {
  const config = readOrExit(options.readConfig);
  const sink = createLogSink(config.logLevel, { fd: 1, service: options.name });
  const { logger } = sink;
  const metrics = createMetrics(options.name);
  metrics.watchDroppedLogLines(sink.droppedLines);
  const exit = (code: number): never => {
    sink.flush();
    process.exit(code);
  };
  // Neither should happen; if one does, the process is in a state that nobody thought of.
  for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
    process.on(event, (error) => {
      logger.fatal({ err: error, event }, 'ended by an error that nobody caught');
      exit(1);
    });
  }

  const tracing = await loadTracing(process.env, { service: options.name, instance: randomUUID(), logger });
  const service = options.compose(config, {
    logger,
    metrics,
    tracing,
    now: () => new Date(),
    newId: randomUUID,
    random: Math.random,
  });
  let isStopping = false;
  const stop = (signal: NodeJS.Signals): void => {
    // The second signal is from somebody who has waited enough.
    if (isStopping) exit(1);
    isStopping = true;
    logger.info({ signal }, 'stopping');
    setTimeout(() => {
      logger.error('the stop took too long and was cut off');
      exit(1);
    }, config.drainTimeoutMs + STOP_EXTRA_MS).unref();
    service.stop().then(
      async () => {
        await tracing?.stop(LAST_SPANS_MS);
        logger.info('stopped');
        exit(0);
      },
      (error) => {
        logger.error({ err: error }, 'stopped with faults');
        exit(1);
      },
    );
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, stop);

  try {
    const listening = await service.listen();
    logger.info({ ...listening }, 'listening');
  } catch (error) {
    if (isStopping) return; // The stop has the last word.
    logger.fatal({ err: error }, 'could not start');
    exit(1);
  }
}

function readOrExit<C>(readConfig: (env: Environment) => C): C {
  try {
    return readConfig(process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return process.exit(1);
  }
}

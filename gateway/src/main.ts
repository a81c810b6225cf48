import { randomBytes } from 'node:crypto';
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

// Before anything else is loaded: a second start spares itself most of what reading the code costs. A folder that
// cannot be written is no fault, only no cache.
const { BANYAN_DATA_DIR } = process.env;
enableCompileCache(
  BANYAN_DATA_DIR
    ? join(BANYAN_DATA_DIR, 'compiled')
    : join(import.meta.dirname, '..', '..', 'node_modules', '.cache', 'banyan-compile'),
);
const [{ describeUsage, parseCommandLine }, { describeFaults }, { loadConfig }] = await Promise.all([
  import('./config/command-line.ts'),
  import('./config/fault.ts'),
  import('./config/load-config.ts'),
]);

const EXIT_FAULT = 1;
const EXIT_USAGE = 2;

await run();

async function run(): Promise<void> {
  const commandLine = parseCommandLine(process.argv.slice(2));
  if (commandLine.kind === 'help') {
    process.stdout.write(`${describeUsage()}\n`);
    return;
  }
  if (commandLine.kind === 'refused') return refuse(commandLine.message, EXIT_USAGE);
  const parsed = await loadConfig(process.env, process.cwd());
  if (!parsed.ok) return refuse(describeFaults(parsed.faults), EXIT_FAULT);
  if (commandLine.kind === 'check-config') {
    process.stdout.write('The configuration has no fault.\n');
    return;
  }

  // Only a process that is going to serve pays for loading what serves.
  const [{ createGateway }, { createLogSink }, { ListenFailure }, { readTracing }] = await Promise.all([
    import('./compose.ts'),
    import('./telemetry/logger.ts'),
    import('./lifecycle/listen-failure.ts'),
    import('./telemetry/tracing-settings.ts'),
  ]);
  const log = createLogSink(parsed.config.logLevel, process.stdout.fd);
  const tracing = readTracing(process.env);
  const gateway = createGateway(parsed.config, {
    log,
    now: () => Date.now(),
    monotonicMs: () => performance.now(),
    processId: randomBytes(4).toString('hex'),
    tracing: tracing.settings,
  });

  let stopping = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (stopping) {
      log.logger.warn({ signal }, 'stopping at once');
      gateway.cutOff();
      void leave(EXIT_FAULT);
      return;
    }
    stopping = true;
    log.logger.info({ signal }, 'draining');
    gateway.stop().then(
      () => {
        log.logger.info('stopped');
        return leave(0);
      },
      (error) => {
        log.logger.error({ err: error }, 'stopping failed');
        return leave(EXIT_FAULT);
      },
    );
  };
  const leave = async (status: number): Promise<never> => {
    await log.close();
    process.exit(status);
  };

  try {
    const ports = await gateway.start();
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);
    for (const note of [...parsed.config.notes, ...tracing.notes]) log.logger.warn(note);
    const { contract, monolith } = parsed.config;
    log.logger.info(
      {
        ...ports,
        monolith: monolith.url,
        contract: contract?.file ?? null,
        operations: contract?.operations.length ?? 0,
      },
      'listening',
    );
  } catch (error) {
    if (!(error instanceof ListenFailure)) throw error;
    await log.close();
    refuse(error.message, EXIT_FAULT);
  }
}

function refuse(message: string, status: number): void {
  process.stderr.write(`${message}\n`);
  process.exitCode = status;
}

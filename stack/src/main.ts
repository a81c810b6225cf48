/** `npm start`: the whole system on this machine, until Ctrl-C. */
import { fileURLToPath } from 'node:url';
import { createScreen, seconds } from '../bootstrap/screen.mjs';
import { parseStackConfig, type StackConfig } from './config.ts';
import { HELP } from './help.ts';
import { createLogScreen } from './log-screen.ts';
import { ChildFailure } from './processes/supervisor.ts';
import { createStack } from './stack.ts';
import { onStopSignals } from './stop-signals.ts';
import { printSummary } from './summary.ts';

const EXIT_FAULT = 1;
const EXIT_USAGE = 2;

const screen = createScreen();
process.exit(await main());

async function main(): Promise<number> {
  const { STACK_STARTED_AT: _, ...env } = process.env;
  const parsed = parseStackConfig(process.argv.slice(2), process.env, {
    root: fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, ''),
    nowMs: performance.timeOrigin,
  });
  switch (parsed.kind) {
    case 'help':
      screen.line(HELP);
      return 0;
    case 'usage':
      process.stderr.write(`${parsed.message}\n\n${HELP}\n`);
      return EXIT_USAGE;
    case 'faults':
      process.stderr.write(
        `The stack cannot start as it is configured:\n${parsed.faults.map((fault) => `  - ${fault}\n`).join('')}`,
      );
      return EXIT_FAULT;
    case 'config':
      return runStack(parsed.config, env);
  }
}

async function runStack(config: StackConfig, env: NodeJS.ProcessEnv): Promise<number> {
  const { promise: failed, reject: fail } = Promise.withResolvers<never>();
  failed.catch(() => {}); // Whoever awaits it gets it; nobody may be waiting yet.
  let isServing = false;
  const stack = createStack(config, {
    screen,
    env,
    now: () => new Date(),
    random: Math.random,
    onLine: createLogScreen(screen),
    // While it starts, a part that ends is the end of the start; later it is what the others have to stand.
    onEnded: (failure, left) => (isServing && left > 0 ? explainEnd(failure) : fail(failure)),
  });
  const { stopped, force } = onStopSignals();
  let status = 0;
  try {
    const running = await Promise.race([stack.start(), failed, stopped]);
    if (running !== 'stop') {
      isServing = true;
      printSummary(screen, config, running);
      screen.line(`ready in ${seconds(Date.now() - config.startedAtMs)}  (Ctrl-C stops everything)`);
      await Promise.race([failed, stopped]);
    }
  } catch (error) {
    status = EXIT_FAULT;
    explain(error);
  }
  screen.line('');
  await stack.stop({
    force,
    report: (name, event) => screen.line(event === 'stopping' ? `stopping ${name}` : `killed ${name}`),
  });
  screen.line('stopped');
  return status;
}

function explainEnd({ message, logPath }: ChildFailure): void {
  screen.line();
  screen.line(`${screen.paint(31, 'Ended:')} ${message}; the rest runs on without it (log: ${logPath}).`);
  screen.line('Bring it back with Ctrl-C and npm start.');
}

function explain(error: unknown): void {
  if (error instanceof ChildFailure) {
    screen.line();
    screen.line(`${screen.paint(31, 'Failed:')} ${error.message}. The last of ${error.logPath}:`);
    for (const text of error.lastLines) screen.line(`  ${text}`);
  } else {
    screen.fail(error);
  }
}

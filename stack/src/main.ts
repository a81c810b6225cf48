/** `npm start`: the whole system on this machine, until Ctrl-C. */
import { type Screen, seconds } from '../bootstrap/screen.mjs';
import { configFileOf, findCarveOuts, findQueues } from './carve-outs/find-carve-outs.ts';
import { type ParsedConfig, parseStackConfig, type StackConfig } from './config.ts';
import { helpText } from './help.ts';
import { createLogScreen } from './log-screen.ts';
import { ChildFailure } from './processes/supervisor.ts';
import { ROOT, runProgram } from './program.ts';
import { createStack } from './stack.ts';
import { onStopSignals } from './stop-signals.ts';
import { printSummary } from './summary.ts';

const EXIT_FAULT = 1;

const { STACK_STARTED_AT: _, ...env } = process.env;
const found = await Promise.all([findCarveOuts(ROOT, process.env), findQueues(ROOT, process.env)]).catch(
  (error: Error) => error,
);
const [carveOuts, queues] = found instanceof Error ? [[], []] : found;
const asked: ParsedConfig =
  found instanceof Error
    ? { kind: 'faults', faults: [`${configFileOf(ROOT, process.env)} cannot be loaded: ${found.message}`] }
    : parseStackConfig(process.argv.slice(2), process.env, {
        root: ROOT,
        carveOuts,
        queues,
        nowMs: performance.timeOrigin,
      });
await runProgram(asked, helpText(carveOuts), async (parsed, screen) => {
  if (parsed.kind === 'config') return runStack(parsed.config, screen);
  const faults = parsed.faults.map((fault) => `  - ${fault}\n`).join('');
  process.stderr.write(`The stack cannot start as it is configured:\n${faults}`);
  return EXIT_FAULT;
});

async function runStack(config: StackConfig, screen: Screen): Promise<number> {
  const { promise: failed, reject: fail } = Promise.withResolvers<never>();
  failed.catch(() => {}); // Whoever awaits it gets it; nobody may be waiting yet.
  let isServing = false;
  const stack = createStack(config, {
    screen,
    env,
    now: () => new Date(),
    random: Math.random,
    onLine: createLogScreen(screen, () => !isServing),
    // While it starts, a part that ends is the end of the start; later it is what the others have to stand.
    onEnded: (failure, left) => (isServing && left > 0 ? explainEnd(failure, screen) : fail(failure)),
  });
  const { stopped, force } = onStopSignals();
  let status = 0;
  let isAnyStopped = false;
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
    explain(error, screen);
  }
  screen.line('');
  await stack.stop({
    force,
    report: (name, event) => {
      isAnyStopped = true;
      screen.line(event === 'stopping' ? `stopping ${name}` : `killed ${name}`);
    },
  });
  // A start that was refused has nothing of its own to stop: what runs is another's.
  if (isAnyStopped || status === 0) screen.line('stopped');
  return status;
}

function explainEnd({ message, logPath }: ChildFailure, screen: Screen): void {
  screen.line();
  screen.line(`${screen.paint(31, 'Ended:')} ${message}; the rest runs on without it (log: ${logPath}).`);
  screen.line('Bring it back with Ctrl-C and npm start.');
}

function explain(error: unknown, screen: Screen): void {
  if (error instanceof ChildFailure) {
    screen.line();
    screen.line(`${screen.paint(31, 'Failed:')} ${error.message}. The last of ${error.logPath}:`);
    for (const text of error.lastLines) screen.line(`  ${text}`);
  } else {
    screen.fail(error);
  }
}

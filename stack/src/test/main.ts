/** `npm test`: every check and test. */
import { fileURLToPath } from 'node:url';
import { createScreen } from '../../bootstrap/screen.mjs';
import { ChildFailure } from '../processes/supervisor.ts';
import { onStopSignals } from '../stop-signals.ts';
import { HELP, parseTestOptions, type TestOptions } from './options.ts';
import { createSuite, describeResults, type StepResult } from './suite.ts';
import { addTotals, closingLine, NO_TOTALS } from './totals.ts';

const EXIT_FAILED = 1;
const EXIT_USAGE = 2;
const EXIT_INTERRUPTED = 130;

const screen = createScreen();
process.exit(await main());

async function main(): Promise<number> {
  const parsed = parseTestOptions(process.argv.slice(2));
  switch (parsed.kind) {
    case 'help':
      screen.line(HELP);
      return 0;
    case 'usage':
      process.stderr.write(`${parsed.message}\n\n${HELP}\n`);
      return EXIT_USAGE;
    case 'options':
      return runSuite(parsed.options);
  }
}

async function runSuite(options: TestOptions): Promise<number> {
  const suite = createSuite(options, {
    root: fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, ''),
    screen,
    env: process.env,
    random: Math.random,
  });
  const { stopped, force } = onStopSignals();
  let outcome: StepResult[] | 'stop' | Error;
  try {
    outcome = await Promise.race([suite.run(), suite.failed(), stopped]);
  } catch (error) {
    outcome = error instanceof Error ? error : new Error(String(error));
  }
  await suite.stop({ force });
  screen.line();
  if (outcome === 'stop') {
    screen.line('interrupted');
    return EXIT_INTERRUPTED;
  }
  if (outcome instanceof Error) {
    explain(outcome);
    return EXIT_FAILED;
  }
  return conclude(outcome);
}

function conclude(results: StepResult[]): number {
  for (const row of describeResults(results)) screen.line(row);
  const totals = results.map((result) => result.totals).reduce(addTotals, NO_TOTALS);
  screen.line();
  screen.line(closingLine(totals));
  if (totals.passed + totals.failed > 0) return totals.failed > 0 ? EXIT_FAILED : 0;
  process.stderr.write('No test file matches.\n');
  return EXIT_FAILED;
}

function explain(error: Error): void {
  screen.fail(error);
  if (error instanceof ChildFailure) for (const text of error.lastLines) screen.line(`  ${text}`);
}

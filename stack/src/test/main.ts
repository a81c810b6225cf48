/** `npm test`: every check and test. */
import type { Screen } from '../../bootstrap/screen.mjs';
import { ChildFailure } from '../processes/supervisor.ts';
import { ROOT, runProgram } from '../program.ts';
import { onStopSignals } from '../stop-signals.ts';
import { HELP, parseTestOptions, type TestOptions } from './options.ts';
import { createSuite, describeResults, type StepResult } from './suite.ts';
import { addTotals, closingLine, NO_TOTALS } from './totals.ts';

const EXIT_FAILED = 1;
const EXIT_INTERRUPTED = 130;

await runProgram(parseTestOptions(process.argv.slice(2)), HELP, ({ options }, screen) =>
  runSuite(options, screen),
);

async function runSuite(options: TestOptions, screen: Screen): Promise<number> {
  const suite = createSuite(options, {
    root: ROOT,
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
    explain(outcome, screen);
    return EXIT_FAILED;
  }
  return conclude(outcome, screen);
}

function conclude(results: StepResult[], screen: Screen): number {
  for (const row of describeResults(results)) screen.line(row);
  const totals = results.map((result) => result.totals).reduce(addTotals, NO_TOTALS);
  screen.line();
  for (const failure of totals.failures) screen.line(failure);
  if (totals.failures.length > 0) screen.line();
  screen.line(closingLine(totals));
  if (totals.passed + totals.failed > 0) return totals.failed > 0 ? EXIT_FAILED : 0;
  process.stderr.write('No test file matches.\n');
  return EXIT_FAILED;
}

function explain(error: Error, screen: Screen): void {
  screen.fail(error);
  if (error instanceof ChildFailure) for (const text of error.lastLines) screen.line(`  ${text}`);
}

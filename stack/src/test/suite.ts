import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { acquireLock } from '../../bootstrap/lock.mjs';
import { type Screen, seconds } from '../../bootstrap/screen.mjs';
import { findCarveOuts, findQueues } from '../carve-outs/find-carve-outs.ts';
import { findFreePort } from '../ports/find-ports.ts';
import { openRun, type Run } from '../processes/run.ts';
import type { StopOptions } from '../processes/stop-processes.ts';
import { ensureChromium } from '../setup/chromium.ts';
import { postgresUrl, preparePostgres } from '../setup/postgres.ts';
import { ensureRedis, prepareRedis } from '../setup/redis.ts';
import { prepareServiceUser, toolsFolderOf } from '../setup/service-user.ts';
import type { Stack } from '../stack.ts';
import { ensureTemplate, TEST_POSTGRES_VARIABLE } from '../testing/database.ts';
import { TEST_REDIS_VARIABLE } from '../testing/redis.ts';
import { createBrowserTests } from './browser-tests.ts';
import { byLine } from './by-line.ts';
import { checkCommands } from './checks.ts';
import type { TestOptions } from './options.ts';
import { ownerRuns } from './owner-runs.ts';
import { findTestFiles } from './test-files.ts';
import { addTotals, briefly, NO_TOTALS, THROUGH_MARK, TOTALS_MARK, type Totals } from './totals.ts';

const TOOLS_DEADLINE_MS = 20 * 60_000;
/** Of a test or suite that hangs; at rest the longest takes a fifth of it. */
const TEST_DEADLINE_MS = 300_000;
/** A file that is done but keeps a socket or timer open would run for ever, and say nothing. */
const FILE_SILENCE_MS = 360_000;
/** Each file of component tests runs several processes of its own, and waits more than it works. */
const COMPONENT_FILES_AT_ONCE = 3;

export type StepResult = { name: string; ms: number; totals: Totals };

export type SuiteParts = {
  root: string;
  screen: Screen;
  env: Readonly<Record<string, string | undefined>>;
  random: () => number;
};

export type Suite = {
  run(): Promise<StepResult[]>;
  /** Rejects when an engine that tests use ends by itself. */
  failed(): Promise<never>;
  stop(options?: StopOptions): Promise<void>;
};

/** Everything that `npm test` does, on data and ports of its own, which are gone afterwards. */
export function createSuite(options: TestOptions, { root, screen, env, random }: SuiteParts): Suite {
  const files = findTestFiles(root, options.filters);
  const temporary = mkdtempSync(join(tmpdir(), 'banyan-test-'));
  const dataDir = join(temporary, 'data');
  const wants = {
    check: options.steps.includes('check'),
    unit: options.steps.includes('unit') && files.unit.length > 0,
    component: options.steps.includes('component') && files.component.length > 0,
    e2e: options.steps.includes('e2e') && files.browser.length > 0,
  };
  const results: StepResult[] = [];
  const { promise: failed, reject: fail } = Promise.withResolvers<never>();
  failed.catch(() => {}); // Whoever awaits it gets it; nobody may be waiting yet.
  let run: Run | undefined;
  let stack: Stack | undefined;

  /** Runs a step, keeps its time and totals, and puts its output where it stays readable. */
  const step = async (name: string, work: () => Promise<Totals>): Promise<void> => {
    const beganAt = performance.now();
    screen.line();
    screen.line(screen.paint(1, name));
    const totals = await work();
    results.push({ name, ms: performance.now() - beganAt, totals });
  };

  const start = async (): Promise<StepResult[]> => {
    const user = prepareServiceUser(dataDir);
    run = await openRun({
      dataDir,
      screen,
      onLine: () => {},
      onEnded: fail,
      removeAtEnd: [temporary, user.home],
    });
    const toolsFolder = toolsFolderOf(prepareServiceUser(env.STACK_DATA_DIR || join(root, '.data')));
    const current = run;

    let chromium: string | null = null;
    if (wants.component || wants.e2e) {
      await step('set-up', async () => {
        const lock = await acquireLock(toolsFolder, 'tools', { deadlineMs: TOOLS_DEADLINE_MS });
        try {
          if (wants.component) await startEngines(current, toolsFolder);
          if (wants.e2e) {
            chromium = await screen.step('Chromium', (note) => findBrowser(toolsFolder, note));
          }
        } finally {
          lock.release();
        }
        return NO_TOTALS;
      });
    }
    if (wants.check) await step('check', () => runChecks(current));
    if (wants.unit) await step('unit', () => runNodeTests(current, files.unit, 0));
    if (wants.component) {
      await step('component', async () => {
        await screen.step('database templates', async () => {
          for (const template of ['migrated', 'small'] as const) await ensureTemplate(template);
        });
        return runNodeTests(current, files.component, COMPONENT_FILES_AT_ONCE);
      });
    }
    if (wants.e2e) await step('e2e', () => runBrowserTests(current, toolsFolder, chromium));
    return results;
  };

  const startEngines = async ({ supervisor }: Run, toolsFolder: string): Promise<void> => {
    const user = prepareServiceUser(dataDir);
    const port = await findFreePort(new Set(), random);
    const redisPort = await findFreePort(new Set([port]), random);
    await screen.step('Postgres', async () =>
      supervisor.start(await preparePostgres({ user, toolsFolder, port, disposable: true })),
    );
    await screen.step('Redis', async (note) =>
      supervisor.start(prepareRedis(await ensureRedis(toolsFolder, note), user, redisPort)),
    );
    process.env[TEST_POSTGRES_VARIABLE] = postgresUrl(port);
    process.env[TEST_REDIS_VARIABLE] = `redis://127.0.0.1:${redisPort}`;
  };

  const findBrowser = async (toolsFolder: string, note: (text: string) => void): Promise<string | null> =>
    env.BANYAN_CHROMIUM || ensureChromium(root, toolsFolder, note);

  const runChecks = async ({ supervisor }: Run): Promise<Totals> => {
    let totals = NO_TOTALS;
    for (const { name, args } of checkCommands(root)) {
      let output = '';
      const runCheck = () =>
        supervisor.runToEnd({
          name,
          command: process.execPath,
          args,
          cwd: root,
          env: {
            ...process.env,
            NO_COLOR: '1',
            REDOCLY_TELEMETRY: 'off',
            REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true',
          },
          onOutput: (text) => {
            output += text;
          },
        });
      const status = await screen.step(name, runCheck, (code) => code === 0);
      if (status !== 0) screen.line(output.trimEnd());
      const failure = { ...NO_TOTALS, failed: 1, failures: [briefly('check', name, output)] };
      totals = addTotals(totals, status === 0 ? { ...NO_TOTALS, passed: 1 } : failure);
    }
    return totals;
  };

  const runNodeTests = async ({ supervisor }: Run, paths: string[], filesAtOnce: number): Promise<Totals> => {
    const reporter = join(root, 'stack', 'src', 'test', 'reporter.ts');
    let totals: Totals | undefined;
    const unheard = new Set(paths);
    const silence = startSilenceWatch(FILE_SILENCE_MS);
    const status = await supervisor.runToEnd({
      name: 'node --test',
      command: process.execPath,
      args: [
        ...['--test', `--test-reporter=${reporter}`, `--test-timeout=${TEST_DEADLINE_MS}`],
        ...(filesAtOnce > 0 ? [`--test-concurrency=${filesAtOnce}`] : []),
        ...paths,
      ],
      cwd: root,
      env: process.env,
      abort: silence.signal,
      onOutput: byLine((line) => {
        silence.heard();
        if (line === THROUGH_MARK) return;
        for (const path of unheard) if (line.includes(` ${path}  `)) unheard.delete(path);
        if (line.startsWith(TOTALS_MARK)) totals = JSON.parse(line.slice(TOTALS_MARK.length)) as Totals;
        else screen.line(line);
      }),
    });
    silence.end();
    if (silence.signal.aborted) {
      const hanging = [...unheard].join(', ') || 'one of the files above';
      screen.line(`✗ nothing was heard for ${seconds(FILE_SILENCE_MS)}: does not end by itself: ${hanging}`);
    }
    const known = totals ?? NO_TOTALS;
    // A test process that breaks down without telling of a failed test has failed all the same.
    if (status === 0 || known.failed > 0) return known;
    const why = silence.signal.aborted ? 'a file does not end by itself' : `ended with status ${status}`;
    return { ...known, failed: 1, failures: [...known.failures, briefly('node --test', '', why)] };
  };

  const runBrowserTests = async (current: Run, toolsFolder: string, chromium: string | null) => {
    const tests = createBrowserTests({
      root,
      screen,
      random,
      temporary,
      toolsFolder,
      chromium,
      supervisor: current.supervisor,
      filters: options.filters,
      files: files.browser,
      onEnded: fail,
    });
    let totals = NO_TOTALS;
    const carveOuts = await findCarveOuts(root, {});
    const queues = await findQueues(root, {});
    for (const ownerRun of ownerRuns(namesOf(carveOuts), options.owners)) {
      const browserRun = tests.prepare(ownerRun, { carveOuts, queues });
      if (browserRun === null) continue;
      stack = browserRun.stack;
      totals = addTotals(totals, await browserRun.run());
      await stack.stop();
    }
    return totals;
  };

  return {
    run: start,
    failed: () => failed,
    stop: async (stopOptions) => {
      await stack?.stop(stopOptions);
      const current = run;
      run = undefined;
      await current?.stop(stopOptions);
    },
  };
}

export function describeResults(results: readonly StepResult[]): string[] {
  return results.map(
    ({ name, ms, totals }) =>
      `  ${name.padEnd(12)}${seconds(ms).padStart(8)}  ${totals.passed} passed${totals.failed > 0 ? `, ${totals.failed} failed` : ''}`,
  );
}

const namesOf = (carveOuts: readonly { name: string }[]): string[] => carveOuts.map(({ name }) => name);

/** Aborts when nothing has been heard for so long. */
function startSilenceWatch(limitMs: number): { signal: AbortSignal; heard(): void; end(): void } {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), limitMs);
  return { signal: controller.signal, heard: () => timer.refresh(), end: () => clearTimeout(timer) };
}

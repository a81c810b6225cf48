import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { acquireLock } from '../../bootstrap/lock.mjs';
import { type Screen, seconds } from '../../bootstrap/screen.mjs';
import { parseStackConfig } from '../config.ts';
import { findFreePort } from '../ports/find-ports.ts';
import { openRun, type Run } from '../processes/run.ts';
import type { StopOptions } from '../processes/stop-processes.ts';
import { ensureChromium } from '../setup/chromium.ts';
import { postgresUrl, preparePostgres } from '../setup/postgres.ts';
import { ensureRedis, prepareRedis } from '../setup/redis.ts';
import { prepareServiceUser, toolsFolderOf } from '../setup/service-user.ts';
import { createStack, type RunningStack, type Stack } from '../stack.ts';
import { ensureTemplate, TEST_POSTGRES_VARIABLE } from '../testing/database.ts';
import { checkCommands } from './checks.ts';
import type { TestOptions } from './options.ts';
import { readPlaywrightTotals } from './playwright-totals.ts';
import { findTestFiles } from './test-files.ts';
import { addTotals, NO_TOTALS, TOTALS_MARK, type Totals } from './totals.ts';

const TOOLS_DEADLINE_MS = 20 * 60_000;
const TEST_DEADLINE_MS = 120_000;
/** A file that is done but keeps a socket or timer open would run for ever, and say nothing. */
const FILE_SILENCE_MS = 150_000;
/** Each file of component tests runs several processes of its own. */
const COMPONENT_FILES_AT_ONCE = 2;

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
    process.env.BANYAN_TEST_REDIS_URL = `redis://127.0.0.1:${redisPort}`;
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
      totals = addTotals(totals, status === 0 ? { ...NO_TOTALS, passed: 1 } : { ...NO_TOTALS, failed: 1 });
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
    return status !== 0 && known.failed === 0 ? { ...known, failed: 1 } : known;
  };

  const runBrowserTests = async (
    { supervisor }: Run,
    toolsFolder: string,
    chromium: string | null,
  ): Promise<Totals> => {
    const { urls, database } = await startStack(toolsFolder);
    const reportPath = join(temporary, 'playwright.json');
    const status = await supervisor.runToEnd({
      name: 'playwright',
      command: process.execPath,
      args: [
        join(root, 'node_modules', '@playwright', 'test', 'cli.js'),
        ...['test', '--config', join('e2e', 'playwright.config.ts')],
        ...options.filters,
      ],
      cwd: root,
      env: {
        ...process.env,
        E2E_JSON_REPORT: reportPath,
        E2E_GATEWAY_URL: urls.gateway,
        E2E_ADMIN_URL: urls.admin,
        E2E_MONOLITH_URL: urls.monolith,
        E2E_ACQUIRER_URL: urls.acquirer,
        E2E_MAIL_URL: urls.mail ?? undefined,
        E2E_DATABASE_URL: database.url,
        BANYAN_CHROMIUM: chromium ?? undefined,
      },
      onOutput: byLine((line) => screen.line(line)),
    });
    const totals = existsSync(reportPath)
      ? readPlaywrightTotals(readFileSync(reportPath, 'utf8'))
      : NO_TOTALS;
    await stack?.stop();
    return status !== 0 && totals.failed === 0 ? { ...totals, failed: 1 } : totals;
  };

  /** The whole system, as `npm start` runs it, with little data. */
  const startStack = async (toolsFolder: string): Promise<RunningStack> => {
    const nowMs = Date.now();
    const anyPort = ['PORT', 'ADMIN_PORT', 'MONOLITH_PORT', 'ACQUIRER_PORT', 'MAIL_PORT', 'MAIL_SMTP_PORT'];
    const variables = {
      ...Object.fromEntries(
        [...anyPort, 'STACK_POSTGRES_PORT', 'STACK_REDIS_PORT'].map((name) => [name, '0']),
      ),
      STACK_DATA_DIR: join(temporary, 'e2e'),
      STACK_SEED_SCALE: 'small',
    };
    const parsed = parseStackConfig([], variables, { root, nowMs });
    if (parsed.kind !== 'config') throw new Error(`the stack for browser tests: ${JSON.stringify(parsed)}`);
    stack = createStack(parsed.config, {
      screen,
      env: {
        ...onlyOf(process.env, ['PATH', 'HOME', 'TZ', 'LD_LIBRARY_PATH']),
        // Flights move when a test moves them, and mail is looked for often.
        MERIDIAN_SIMULATOR_INTERVAL_MS: '0',
        MERIDIAN_WORKER_INTERVAL_MS: '500',
      },
      now: () => new Date(nowMs),
      random,
      onLine: () => {},
      onEnded: fail,
      disposable: { toolsFolder },
    });
    return stack.start();
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

/** Settings of a person's own must not change what the tests see. */
function onlyOf(env: NodeJS.ProcessEnv, names: string[]): Record<string, string | undefined> {
  return Object.fromEntries(names.map((name) => [name, env[name]]));
}

/** Aborts when nothing has been heard for so long. */
function startSilenceWatch(limitMs: number): { signal: AbortSignal; heard(): void; end(): void } {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), limitMs);
  return { signal: controller.signal, heard: () => timer.refresh(), end: () => clearTimeout(timer) };
}

/** Output comes in pieces that end anywhere. */
function byLine(onLine: (line: string) => void): (text: string) => void {
  let partial = '';
  return (text) => {
    const lines = (partial + text).split('\n');
    partial = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  };
}

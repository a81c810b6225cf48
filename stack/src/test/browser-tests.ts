import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Queue } from '@banyan/gateway/carve-out';
import type { Screen } from '../../bootstrap/screen.mjs';
import type { StackCarveOut } from '../carve-outs/carve-out.ts';
import type { PreparedService } from '../carve-outs/prepare-carve-outs.ts';
import { parseStackConfig } from '../config.ts';
import { portTable } from '../ports/ports.ts';
import type { Supervisor, SupervisorOptions } from '../processes/supervisor.ts';
import { createStack, type RunningStack, type Stack } from '../stack.ts';
import { byLine } from './by-line.ts';
import type { OwnerRun } from './owner-runs.ts';
import { readPlaywrightTotals } from './playwright-totals.ts';
import { briefly, NO_TOTALS, type Totals } from './totals.ts';

export type BrowserTestParts = {
  readonly root: string;
  readonly screen: Screen;
  readonly random: () => number;
  /** Gone at the end of the whole. */
  readonly temporary: string;
  readonly toolsFolder: string;
  /** The program; null where Playwright has a browser of its own. */
  readonly chromium: string | null;
  readonly supervisor: Supervisor;
  /** Parts of paths that a person asked for, */
  readonly filters: readonly string[];
  /** and the test files that they match; all where there are none. */
  readonly files: readonly string[];
  readonly onEnded: SupervisorOptions['onEnded'];
};

/** What the configuration says of it. */
export type CarvedOut = { readonly carveOuts: readonly StackCarveOut[]; readonly queues: readonly Queue[] };

export type BrowserRun = { readonly stack: Stack; run(): Promise<Totals> };

/** Runs the journeys, each time on the whole system as `npm start` runs it, with little data. */
export function createBrowserTests(parts: BrowserTestParts): {
  /** Null where a person asked for none of its journeys. */
  prepare(ownerRun: OwnerRun, carvedOut: CarvedOut): BrowserRun | null;
} {
  const { root, screen, chromium, supervisor } = parts;

  const runPlaywright = async (
    { projects, name }: OwnerRun,
    filters: readonly string[],
    { urls, database, services }: RunningStack,
  ): Promise<Totals> => {
    const reportPath = join(root, 'test-results', `${name}.json`);
    rmSync(reportPath, { force: true });
    const status = await supervisor.runToEnd({
      name: 'playwright',
      command: process.execPath,
      args: [
        join(root, 'node_modules', '@playwright', 'test', 'cli.js'),
        ...['test', '--config', join('e2e', 'playwright.config.ts')],
        ...projects.map((project) => `--project=${project}`),
        ...filters,
      ],
      cwd: root,
      env: {
        ...process.env,
        E2E_JSON_REPORT: reportPath,
        E2E_OWNERS: name,
        E2E_GATEWAY_URL: urls.gateway,
        E2E_ADMIN_URL: urls.admin,
        STACK_DATA_DIR: dataDirOf(parts, name),
        E2E_MONOLITH_URL: urls.monolith,
        E2E_ACQUIRER_URL: urls.acquirer,
        E2E_MAIL_URL: urls.mail ?? undefined,
        E2E_DATABASE_URL: database.url,
        ...Object.fromEntries(services.map(ownDatabaseOf)),
        BANYAN_CHROMIUM: chromium ?? undefined,
      },
      onOutput: byLine((line) => screen.line(line)),
    });
    const totals = existsSync(reportPath)
      ? readPlaywrightTotals(readFileSync(reportPath, 'utf8'))
      : NO_TOTALS;
    if (status === 0 || totals.failed > 0) return totals;
    return { ...totals, failed: 1, failures: [briefly('playwright', name, `ended with status ${status}`)] };
  };

  return {
    prepare(ownerRun, carvedOut) {
      const filters = narrow(ownerRun.journeys, parts.filters);
      const isAsked = parts.files.some((file) => file.startsWith(join('e2e', ownerRun.folder)));
      if (filters === null || !isAsked) return null;
      const stack = createTestStack(parts, ownerRun, carvedOut);
      return {
        stack,
        run: async () => {
          screen.line();
          const owners = ownerRun.owners.join(', ') || 'none';
          screen.line(`${ownerRun.folder}, with the services that own their data: ${owners}`);
          return runPlaywright(ownerRun, filters, await stack.start());
        },
      };
    },
  };
}

/** Where the journeys find the rows of an aggregate that has left, by the names that its tables have there. */
function ownDatabaseOf({ carveOut: { prefix, plan }, databaseUrl }: PreparedService): [string, string] {
  const url = new URL(databaseUrl);
  url.searchParams.set('options', `-c search_path=${plan.schema}`);
  return [`E2E_${prefix}_DATABASE_URL`, url.href];
}

/** The journeys of a run that a person asked for. */
function narrow(journeys: readonly string[], asked: readonly string[]): readonly string[] | null {
  if (journeys.length === 0) return asked;
  if (asked.length === 0) return journeys;
  const both = journeys.filter((journey) => asked.some((each) => each.includes(journey)));
  return both.length > 0 ? both : null;
}

function createTestStack(
  parts: BrowserTestParts,
  { name, owners, withServices }: OwnerRun,
  { carveOuts, queues }: CarvedOut,
): Stack {
  const { root, screen, random, toolsFolder, onEnded } = parts;
  const nowMs = Date.now();
  const anyPorts = [...portTable(carveOuts).values()].map(({ variable }) => [variable, '0']);
  const variables = {
    ...Object.fromEntries(anyPorts),
    STACK_DATA_DIR: dataDirOf(parts, name),
    STACK_SEED_SCALE: 'small',
  };
  const argv = [
    ...owners.flatMap((owner) => ['--service', owner]),
    ...(withServices ? ['--with-services'] : []),
  ];
  const parsed = parseStackConfig(argv, variables, { root, nowMs, carveOuts, queues });
  if (parsed.kind !== 'config') throw new Error(`the stack for browser tests: ${JSON.stringify(parsed)}`);
  return createStack(parsed.config, {
    screen,
    env: {
      ...onlyOf(process.env, ['PATH', 'HOME', 'TZ', 'LD_LIBRARY_PATH']),
      // Flights move when a test moves them, and mail is looked for often.
      MERIDIAN_SIMULATOR_INTERVAL_MS: '0',
      MERIDIAN_WORKER_INTERVAL_MS: '500',
      ...Object.fromEntries(
        carveOuts.flatMap(({ prefix }) => [
          [`${prefix}_WORKER_INTERVAL_MS`, '500'],
          [`${prefix}_MAIL_INTERVAL_MS`, '500'],
        ]),
      ),
    },
    now: () => new Date(nowMs),
    random,
    onLine: () => {},
    onEnded,
    disposable: { toolsFolder },
  });
}

const dataDirOf = ({ temporary }: BrowserTestParts, name: string): string => join(temporary, `e2e-${name}`);

/** Settings of a person's own must not change what the tests see. */
function onlyOf(env: NodeJS.ProcessEnv, names: string[]): Record<string, string | undefined> {
  return Object.fromEntries(names.map((name) => [name, env[name]]));
}

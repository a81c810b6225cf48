import { acquireLock } from '../bootstrap/lock.mjs';
import type { Screen } from '../bootstrap/screen.mjs';
import { SetupError } from '../bootstrap/setup-error.mjs';
import type { StackConfig } from './config.ts';
import { findTakenPorts, resolvePorts } from './ports/find-ports.ts';
import { PORT_NAMES, PORTS, type PortName, type Ports } from './ports/ports.ts';
import { findOffset } from './ports/read-ports.ts';
import { openRun, type Run, type RunOptions } from './processes/run.ts';
import type { StopOptions } from './processes/stop-processes.ts';
import {
  acquirerSpec,
  dropAcquirerLedger,
  gatewaySpec,
  mailSpec,
  monolithSpec,
  type ServiceContext,
} from './services.ts';
import { tieDataToFolder } from './setup/data-elsewhere.ts';
import { ensureSecret } from './setup/kept-secret.ts';
import {
  ensureEmbeddedDatabase,
  ensureGivenDatabase,
  type MeridianDatabase,
  type SeedWish,
} from './setup/meridian-database.ts';
import { dropPostgresData, postgresUrl, preparePostgres } from './setup/postgres.ts';
import { dropRedisData, ensureRedis, prepareRedis } from './setup/redis.ts';
import { prepareServiceUser, type ServiceUser, toolsFolderOf } from './setup/service-user.ts';

const TOOLS_DEADLINE_MS = 20 * 60_000;

export type StackParts = {
  screen: Screen;
  env: Readonly<Record<string, string | undefined>>;
  now: () => Date;
  random: () => number;
  onLine: RunOptions['onLine'];
  onEnded: RunOptions['onEnded'];
  /** For tests: the data is thrown away at the end, and the engines' programs are found elsewhere. */
  disposable?: { toolsFolder: string };
};

export type RunningStack = {
  ports: Ports;
  urls: { gateway: string; admin: string; monolith: string; acquirer: string; mail: string | null };
  database: MeridianDatabase;
};

export type Stack = {
  /** Starts everything, in order; what it had started is stopped by `stop` also when this fails. */
  start(): Promise<RunningStack>;
  stop(options?: StopOptions): Promise<void>;
};

/** The release stack: every process of the system on this machine, as the configuration wants it. */
export function createStack(config: StackConfig, parts: StackParts): Stack {
  const { screen, env, now, random, onLine, onEnded, disposable } = parts;
  const { dataDir, replaced } = config;
  let run: Run | undefined;

  const start = async (): Promise<RunningStack> => {
    const user = prepareServiceUser(dataDir);
    const removeAtEnd = disposable ? [dataDir, user.home] : [];
    run = await openRun({ dataDir, screen, onLine, onEnded, removeAtEnd });
    const { supervisor } = run;
    const names = ownPorts(config);
    const ports = await resolvePorts(config.ports, names, random);
    await refuseTakenPorts(config, ports, names);
    tieDataToFolder(dataDir, user);
    if (config.fresh) await screen.step('dropping the data', () => dropData(user, dataDir));

    const context: ServiceContext = { config, ports, env };
    const [database] = await Promise.all([
      startDatabase(run, user, ports),
      startRedis(run, user, ports),
      replaced.acquirerUrl === null && supervisor.start(acquirerSpec(context)),
      replaced.smtpUrl === null && supervisor.start(mailSpec(context)),
    ]);
    const acquirerUrl = replaced.acquirerUrl ?? `http://127.0.0.1:${ports.acquirer}`;
    const monolithUrl = env.MONOLITH_URL || `http://127.0.0.1:${ports.monolith}`;
    const addresses = {
      databaseUrl: database.url,
      acquirerUrl,
      smtpUrl: replaced.smtpUrl ?? `smtp://127.0.0.1:${ports.smtp}`,
    };
    const tokens = {
      operator: ensureSecret(dataDir, 'admin-token'),
      viewer: ensureSecret(dataDir, 'viewer-token'),
    };
    await screen.step('starting monolith and gateway', () =>
      Promise.all([
        supervisor.start(monolithSpec(context, addresses, ensureSecret(dataDir, 'session-secret'))),
        supervisor.start(gatewaySpec(context, monolithUrl, tokens)),
      ]),
    );
    return {
      ports,
      database,
      urls: {
        gateway: `http://127.0.0.1:${ports.public}`,
        admin: `http://${env.ADMIN_HOST || '127.0.0.1'}:${ports.admin}`,
        monolith: monolithUrl,
        acquirer: acquirerUrl,
        mail: replaced.smtpUrl === null ? `http://127.0.0.1:${ports.mail}` : null,
      },
    };
  };

  const startDatabase = async (current: Run, user: ServiceUser, ports: Ports): Promise<MeridianDatabase> => {
    const wish: SeedWish = {
      seedDate: config.seedDate ?? now().toISOString().slice(0, 10),
      scale: config.seedScale,
    };
    const given = replaced.monolithDatabaseUrl;
    if (given !== null) {
      return screen.step("the monolith's database", (note) => ensureGivenDatabase(given, wish, note));
    }
    await screen.step('Postgres', async (note) => {
      const spec = await preparePostgres({
        user,
        toolsFolder: disposable?.toolsFolder ?? toolsFolderOf(user),
        port: ports.postgres,
        disposable: disposable !== undefined,
      });
      note(`port ${ports.postgres}`);
      await current.supervisor.start(spec);
    });
    return screen.step("the monolith's database", (note) =>
      ensureEmbeddedDatabase(postgresUrl(ports.postgres), wish, note),
    );
  };

  const startRedis = async (current: Run, user: ServiceUser, ports: Ports): Promise<void> => {
    if (replaced.redisUrl !== null) return;
    await screen.step('Redis', async (note) => {
      const toolsFolder = disposable?.toolsFolder ?? toolsFolderOf(user);
      // npm start and npm test may both find it missing.
      const lock = await acquireLock(toolsFolder, 'tools', { deadlineMs: TOOLS_DEADLINE_MS });
      try {
        const tool = await ensureRedis(toolsFolder, note);
        await current.supervisor.start(prepareRedis(tool, user, ports.redis));
      } finally {
        lock.release();
      }
    });
  };

  return {
    start,
    stop: async (options) => {
      const current = run;
      run = undefined;
      await current?.stop(options);
    },
  };
}

/** The ports that this configuration makes the stack listen on. */
function ownPorts({ replaced }: StackConfig): PortName[] {
  const isReplaced: Partial<Record<PortName, boolean>> = {
    postgres: replaced.monolithDatabaseUrl !== null,
    redis: replaced.redisUrl !== null,
    acquirer: replaced.acquirerUrl !== null,
    smtp: replaced.smtpUrl !== null,
    mail: replaced.smtpUrl !== null,
  };
  return PORT_NAMES.filter((name) => !isReplaced[name]);
}

async function refuseTakenPorts(config: StackConfig, ports: Ports, names: PortName[]): Promise<void> {
  const taken = await findTakenPorts(ports, names);
  if (taken.length === 0) return;
  const { givenPorts, portOffset } = config;
  // The offset does not move what is set by its own variable.
  const settings = taken
    .filter(({ name }) => givenPorts[name] !== null)
    .map(({ name }) => `${PORTS[name].variable}=0`);
  const offset = settings.length < taken.length ? findOffset(givenPorts, names, portOffset) : null;
  if (offset !== null) settings.push(`STACK_PORT_OFFSET=${offset}`);
  throw new SetupError(taken.map(({ sentence }) => sentence).join('\n'), {
    mend: `${settings.join(' ')} npm start`,
  });
}

function dropData(user: ServiceUser, dataDir: string): void {
  dropPostgresData(user);
  dropRedisData(user);
  // Payment ids start anew: a ledger that remembers their keys would answer for charges of another life.
  dropAcquirerLedger(dataDir);
}

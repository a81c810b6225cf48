import { acquireLock } from '../bootstrap/lock.mjs';
import type { Screen } from '../bootstrap/screen.mjs';
import { SetupError } from '../bootstrap/setup-error.mjs';
import { readerOf } from './carve-outs/carve-out.ts';
import { findLeftBehind, isMonolithWaiting, type LeftBehind } from './carve-outs/left-behind.ts';
import {
  type MonolithDatabase,
  type PreparedService,
  prepareCarveOuts,
  withdrawSharedViews,
} from './carve-outs/prepare-carve-outs.ts';
import { ownPorts, type StackConfig } from './config.ts';
import { findTakenPorts, resolvePorts } from './ports/find-ports.ts';
import { factsOf, type PortName, type Ports, portOf, relayPortName } from './ports/ports.ts';
import { findOffset, isGiven } from './ports/read-ports.ts';
import { openRun, type Run, type RunOptions } from './processes/run.ts';
import type { StopOptions } from './processes/stop-processes.ts';
import { routesOf } from './relays/queues.ts';
import {
  acquirerSpec,
  type Border,
  carvedServiceSpec,
  dropAcquirerLedger,
  gatewaySpec,
  mailSpec,
  monolithSpec,
  type Outbox,
  relaySpec,
  type ServiceContext,
} from './services.ts';
import { tieDataToFolder } from './setup/data-elsewhere.ts';
import { urlAs } from './setup/database-server.ts';
import { ensureKeys, ensureSecret } from './setup/kept-secret.ts';
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
  /** Those that run. */
  services: readonly PreparedService[];
  /** Of the outboxes whose events are brought to queues, those that can be looked at. */
  relays: readonly string[];
  /** By services that do not run. */
  left: readonly LeftBehind[];
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
  // A copy under way is ended by a stop, and puts back who owned.
  const stopping = new AbortController();

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
    const [{ database, services, left, isMonolithLeft }] = await Promise.all([
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
    const secrets = {
      operatorToken: ensureSecret(dataDir, 'admin-token'),
      viewerToken: ensureSecret(dataDir, 'viewer-token'),
      overrideKeysFile: ensureKeys(dataDir, 'override-keys'),
    };
    const redisUrl = replaced.redisUrl ?? `redis://127.0.0.1:${ports.redis}`;
    const queueRedisUrl = replaced.queueRedisUrl ?? redisUrl;
    const outboxes = outboxesOf(config, ports, { database, services, left, isMonolithLeft });
    const usedQueueRedisUrl = outboxes.length === 0 ? null : queueRedisUrl;
    const border: Border | null =
      services.length === 0
        ? null
        : {
            services,
            serviceToken: ensureSecret(dataDir, 'service-token'),
            identityKeysFile: ensureKeys(dataDir, 'identity-keys'),
          };
    const sessionSecret = ensureSecret(dataDir, 'session-secret');
    const relays = outboxes.length > 0 ? ['relays'] : [];
    const backends = [...services.map(({ carveOut }) => carveOut.name), 'monolith', ...relays].join(', ');
    const ties = { sessionSecret, border, queueRedisUrl: usedQueueRedisUrl };
    const startMonolith = () => supervisor.start(monolithSpec(context, addresses, ties));
    const startRelays = () =>
      Promise.all(outboxes.map((outbox) => supervisor.start(relaySpec(context, outbox, queueRedisUrl))));
    const startGateway = () =>
      supervisor.start(gatewaySpec(context, { monolithUrl, redisUrl, queueRedisUrl }, secrets, border));
    await screen.step(`starting ${backends} and gateway`, async () => {
      if (border === null) return Promise.all([startMonolith(), startGateway(), startRelays()]);
      // Each finds at once whom it asks: what services copy of the monolith's, and the gateway who owns what.
      await startMonolith();
      await Promise.all([
        ...services.map((each) =>
          supervisor.start(carvedServiceSpec(context, addresses, each, border, usedQueueRedisUrl)),
        ),
        startRelays(),
      ]);
      return startGateway();
    });
    return {
      ports,
      database,
      services,
      relays: outboxes.filter(({ metricsPort }) => metricsPort !== null).map(({ source }) => source),
      left,
      urls: {
        gateway: `http://127.0.0.1:${ports.public}`,
        admin: `http://${env.ADMIN_HOST || '127.0.0.1'}:${ports.admin}`,
        monolith: monolithUrl,
        acquirer: acquirerUrl,
        mail: replaced.smtpUrl === null ? `http://127.0.0.1:${ports.mail}` : null,
      },
    };
  };

  const startDatabase = async (current: Run, user: ServiceUser, ports: Ports): Promise<Databases> => {
    const wish: SeedWish = {
      seedDate: config.seedDate ?? now().toISOString().slice(0, 10),
      scale: config.seedScale,
    };
    const given = replaced.monolithDatabaseUrl;
    if (given === null) await startPostgres(current, user, ports);
    const serverUrl = given === null ? postgresUrl(ports.postgres) : null;
    const carveOuts = config.services.map(({ carveOut }) => carveOut);
    const withdraw = (url: string) => withdrawSharedViews(url, carveOuts);
    const database = await screen.step("the monolith's database", (note) =>
      serverUrl === null
        ? ensureGivenDatabase(given as string, wish, note, withdraw)
        : ensureEmbeddedDatabase(serverUrl, wish, note, withdraw),
    );
    const monolith: MonolithDatabase = {
      url: database.url,
      adminUrl:
        serverUrl === null ? database.url : urlAs(database.url, { role: new URL(serverUrl).username }),
      serverUrl,
    };
    const services = await prepareCarveOuts({
      wishes: config.services,
      monolith,
      readerPassword: (carveOut) => ensureSecret(dataDir, `${readerOf(carveOut)}-password`),
      screen,
      nowMs: () => now().getTime(),
      signal: stopping.signal,
    });
    const left = await findLeftBehind({ wishes: config.services, monolith, screen });
    return { database, services, left, isMonolithLeft: await isMonolithWaiting(database.url) };
  };

  const startPostgres = ({ supervisor }: Run, user: ServiceUser, ports: Ports): Promise<void> =>
    screen.step('Postgres', async (note) => {
      const spec = await preparePostgres({
        user,
        toolsFolder: disposable?.toolsFolder ?? toolsFolderOf(user),
        port: ports.postgres,
        disposable: disposable !== undefined,
      });
      note(`port ${ports.postgres}`);
      await supervisor.start(spec);
    });

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
      stopping.abort();
      await current?.stop(options);
    },
  };
}

type Databases = {
  database: MeridianDatabase;
  services: PreparedService[];
  left: readonly LeftBehind[];
  /** Whether the monolith's own outbox holds something. */
  isMonolithLeft: boolean;
};

/**
 * Those of the services that run, and of others that left events there; and the monolith's, where any of these or it
 * has some. Their migrations have been made.
 */
function outboxesOf(
  { queues }: StackConfig,
  ports: Ports,
  { database, services, left, isMonolithLeft }: Databases,
): Outbox[] {
  const ofService = (
    { carveOut: { name, plan }, databaseUrl }: Pick<PreparedService, 'carveOut' | 'databaseUrl'>,
    metricsPort: number | null,
  ): Outbox => ({ source: name, databaseUrl, schema: plan.schema, table: 'outbox', metricsPort });
  const ofServices = [
    ...services.map((each) => ofService(each, portOf(ports, relayPortName(each.carveOut.name)))),
    ...left.filter(({ events }) => events > 0).map((each) => ofService(each, null)),
  ];
  if (ofServices.length === 0 && !isMonolithLeft) return [];
  const ofMonolith: Outbox = {
    source: 'monolith',
    databaseUrl: database.url,
    schema: 'public',
    table: 'seam_outbox',
    metricsPort: services.length === 0 ? null : portOf(ports, relayPortName('monolith')),
  };
  return [ofMonolith, ...ofServices].filter(({ source }) => routesOf(queues, source) !== null);
}

async function refuseTakenPorts(config: StackConfig, ports: Ports, names: PortName[]): Promise<void> {
  const { portSettings } = config;
  const { table, given } = portSettings;
  const taken = await findTakenPorts(table, ports, names);
  if (taken.length === 0) return;
  // The offset does not move what is set by its own variable.
  const settings = taken
    .filter(({ name }) => isGiven(given, name))
    .map(({ name }) => `${factsOf(table, name).variable}=0`);
  const offset = settings.length < taken.length ? findOffset(portSettings, names) : null;
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

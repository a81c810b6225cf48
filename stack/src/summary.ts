import { join, relative } from 'node:path';
import type { Screen } from '../bootstrap/screen.mjs';
import type { StackConfig } from './config.ts';
import { portOf, relayPortName, servicePortName } from './ports/ports.ts';
import type { RunningStack } from './stack.ts';

/** The accounts that the seed always makes; the password is the same for all. */
const PASSWORD = 'meridian';
const ACCOUNTS = [
  ['customer', 'alice@example.com'],
  ['customer', 'bob@example.com'],
  ['agent', 'agent@meridian.example'],
  ['accountant', 'accounts@meridian.example'],
] as const;
const PARTNERS = [
  ['partner', 'mk_demo_globetrotter_0001'],
  ['partner', 'mk_demo_skyways_0002'],
] as const;

const WHOSE_DATA = {
  service: 'owns its data',
  monolith: "reads the monolith's data",
} as const;

/** What a person needs to know of the stack that has just started. */
export function printSummary(
  { line, paint }: Screen,
  config: StackConfig,
  { urls, database, ports, services, relays, left }: RunningStack,
): void {
  const rows = (pairs: readonly (readonly [string, string | null])[]) => {
    for (const [name, value] of pairs) if (value !== null) line(`  ${name.padEnd(22)}${value}`);
  };
  line();
  line(paint(1, 'Meridian Air behind Banyan'));
  rows([
    ['gateway', urls.gateway],
    ["gateway's admin API", urls.admin],
    ['', `tokens in ${shown(config.dataDir)}/admin-token, ${shown(config.dataDir)}/viewer-token`],
    ['monolith, directly', urls.monolith],
    ...services.map(({ carveOut: { name }, owner }): [string, string] => [
      `service ${name}`,
      `127.0.0.1:${portOf(ports, servicePortName(name))} (gRPC), ${WHOSE_DATA[owner]}`,
    ]),
    ...relays.map((source): [string, string] => [
      `relay of ${source}`,
      `http://127.0.0.1:${portOf(ports, relayPortName(source))}/metrics`,
    ]),
    ...left.flatMap(({ carveOut: { name }, events, mails }): [string, string | null][] => [
      [
        `outbox of ${name}`,
        events === 0 ? null : `${counted(events, 'event')} left: brought to who owns now`,
      ],
      [`mails of ${name}`, mails === 0 ? null : `${counted(mails, 'mail')} left: sent when its service runs`],
    ]),
    ['acquirer stand-in', urls.acquirer],
    ['mail catcher', urls.mail],
    [
      'Postgres',
      config.replaced.monolithDatabaseUrl === null ? database.url : 'given by MONOLITH_DATABASE_URL',
    ],
    ['Redis', config.replaced.redisUrl === null ? `redis://127.0.0.1:${ports.redis}` : 'given by REDIS_URL'],
    ['Redis of the queues', config.replaced.queueRedisUrl === null ? null : 'given by QUEUE_REDIS_URL'],
    ['data, logs', `${shown(config.dataDir)}, ${shown(config.dataDir)}/logs/<name>.log`],
  ]);
  const { seeded } = database;
  if (seeded) {
    line();
    line(`${paint(1, 'Demo accounts')} (password ${PASSWORD}; data of ${seeded.seedDate})`);
    rows([...ACCOUNTS, ...PARTNERS.map(([role, key]) => [role, `X-Api-Key: ${key}`] as const)]);
    if (config.seedDate !== null && config.seedDate !== seeded.seedDate) {
      line(`  SEED_DATE is ${config.seedDate}; with --fresh the data is made anew for it.`);
    }
  }
  line();
  line(paint(1, 'Try it'));
  line(`  curl -s ${urls.gateway}/api/v1/profile -H 'X-Api-Key: ${PARTNERS[0][1]}'`);
  line(`  ${settingsOfCli(config, urls.admin)}npx banyan routes`);
  line();
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

/** What the command line tool has to be told where it would not find this stack by itself. */
function settingsOfCli({ dataDir, root }: StackConfig, adminUrl: string): string {
  const url = adminUrl === 'http://127.0.0.1:8081' ? '' : `BANYAN_ADMIN_URL=${adminUrl} `;
  const isElsewhere = dataDir !== join(root, '.data');
  return url + (isElsewhere ? `STACK_DATA_DIR=${shown(dataDir)} ` : '');
}

function shown(path: string): string {
  const short = relative(process.cwd(), path);
  return short.startsWith('..') ? path : short;
}

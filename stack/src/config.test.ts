import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Queue } from '@banyan/gateway/carve-out';
import type { StackCarveOut } from './carve-outs/carve-out.ts';
import { ownPorts, parseStackConfig } from './config.ts';
import { portOf } from './ports/ports.ts';

const parse = (argv: string[], env: Record<string, string>) =>
  parseStackConfig(argv, env, { root: '/clone', nowMs: 1_000 });

test('with nothing set every port has its default, and nothing is replaced', () => {
  const parsed = parse([], {});
  assert.ok(parsed.kind === 'config');
  assert.equal(parsed.config.ports.public, 8080);
  assert.equal(parsed.config.ports.redis, 63_790);
  assert.equal(parsed.config.dataDir, '/clone/.data');
  assert.deepEqual(Object.values(parsed.config.replaced), [null, null, null, null, null]);
});

test('STACK_PORT_OFFSET moves the defaults and leaves what is set by name', () => {
  const parsed = parse([], { STACK_PORT_OFFSET: '100', MONOLITH_PORT: '3333', PORT: '0' });
  assert.ok(parsed.kind === 'config');
  assert.equal(parsed.config.ports.admin, 8181);
  assert.equal(parsed.config.ports.monolith, 3333);
  assert.equal(parsed.config.ports.public, 0);
});

test('all faults are told at once, and no password with them', () => {
  const parsed = parse([], {
    PORT: 'eighty',
    MONOLITH_PORT: '70000',
    SEED_DATE: '2026-02-30',
    REDIS_URL: 'http://user:hunter2@127.0.0.1/',
    MONOLITH_DATABASE_URL: 'nowhere',
    STACK_SEED_SCALE: 'huge',
  });
  assert.ok(parsed.kind === 'faults');
  const text = parsed.faults.join('\n');
  for (const name of [
    'PORT',
    'MONOLITH_PORT',
    'SEED_DATE',
    'REDIS_URL',
    'MONOLITH_DATABASE_URL',
    'SEED_SCALE',
  ]) {
    assert.match(text, new RegExp(`\\b${name}|_${name}\\b`));
  }
  assert.equal(parsed.faults.length, 6);
  assert.doesNotMatch(text, /hunter2/);
});

test('an offset that leads out of the ports is a fault', () => {
  const parsed = parse([], { STACK_PORT_OFFSET: '3000' });
  assert.ok(parsed.kind === 'faults');
  assert.match(parsed.faults.join('\n'), /STACK_REDIS_PORT to 66790/);
});

test('a port that browsers do not open is a fault, with an offset that serves', () => {
  const moved = parse([], { STACK_PORT_OFFSET: '2000', STACK_REDIS_PORT: '0' });
  assert.ok(moved.kind === 'faults');
  assert.deepEqual(moved.faults, [
    'STACK_PORT_OFFSET=2000 moves PORT to 10080, which browsers refuse to open: take another, such as 2100',
  ]);
  assert.equal(parse([], { STACK_PORT_OFFSET: '2100', STACK_REDIS_PORT: '0' }).kind, 'config');
  const given = parse([], { MONOLITH_PORT: '6000', STACK_POSTGRES_PORT: '5060' });
  assert.ok(given.kind === 'faults');
  assert.deepEqual(given.faults, ['MONOLITH_PORT is 6000, which browsers refuse to open: take another']);
});

test('two parts on one port are a fault that names both variables', () => {
  const parsed = parse([], { PORT: '3000' });
  assert.ok(parsed.kind === 'faults');
  assert.deepEqual(parsed.faults, ['PORT and MONOLITH_PORT are both 3000']);
});

test('the port of a part that is replaced is nobody’s', () => {
  const parsed = parse([], { STACK_REDIS_PORT: '8080', REDIS_URL: 'redis://127.0.0.1:6379' });
  assert.equal(parsed.kind, 'config');
});

test('an unknown option is named', () => {
  const parsed = parse(['--fesh'], {});
  assert.ok(parsed.kind === 'usage');
  assert.match(parsed.message, /--fesh/);
});

test('--fresh does not touch a database that is not the stack’s own', () => {
  const parsed = parse(['--fresh'], { MONOLITH_DATABASE_URL: 'postgres://db.example/meridian' });
  assert.ok(parsed.kind === 'faults');
  assert.match(parsed.faults[0] ?? '', /--fresh/);
});

const carveOut = (name: string, port: number): StackCarveOut => ({
  name,
  plan: { aggregate: name, schema: name, tables: [] },
  prefix: name.toUpperCase(),
  targetVariable: `${name.toUpperCase()}_TARGET`,
  port,
  program: 'main.ts',
  migrations: 'migrations',
});
const carveOuts = [carveOut('hotels', 50_001), carveOut('cars', 50_002)];
const parseWith = (argv: string[], env: Record<string, string> = {}) =>
  parseStackConfig(argv, env, { root: '/clone', nowMs: 1_000, carveOuts });
const wishesOf = (argv: string[]) => {
  const parsed = parseWith(argv);
  assert.ok(parsed.kind === 'config', JSON.stringify(parsed));
  return parsed.config.services.map(({ runs, owner }) => [runs, owner]);
};

test('a service owns where it is named, runs then or where all run, and is left alone otherwise', () => {
  const [idle, reads, owns] = [
    [false, 'monolith'],
    [true, 'monolith'],
    [true, 'service'],
  ];
  assert.deepEqual(wishesOf([]), [idle, idle]);
  assert.deepEqual(wishesOf(['--service', 'none']), [idle, idle]);
  assert.deepEqual(wishesOf(['--service', 'cars']), [idle, owns]);
  assert.deepEqual(wishesOf(['--service', 'cars', '--service', 'hotels']), [owns, owns]);
  assert.deepEqual(wishesOf(['--with-services', '--service', 'cars']), [reads, owns]);
});

test('a service that there is not is wrong usage, and so is none beside others', () => {
  const unknown = parseWith(['--service', 'trains']);
  assert.ok(unknown.kind === 'usage');
  assert.equal(unknown.message, '--service trains: must be one of hotels, cars, none.');
  assert.equal(parseWith(['--service', 'none', '--service', 'cars']).kind, 'usage');
});

test('a port of a service, or of the seam, counts where it is listened on', () => {
  const given = { CARS_PORT: '3000', MONOLITH_SEAM_PORT: '8081' };
  assert.equal(parseWith([], given).kind, 'config');
  const parsed = parseWith(['--service', 'cars'], given);
  assert.ok(parsed.kind === 'faults');
  assert.deepEqual(parsed.faults, [
    'ADMIN_PORT and MONOLITH_SEAM_PORT are both 8081',
    'MONOLITH_PORT and CARS_PORT are both 3000',
  ]);
});

const QUEUES = [
  { name: 'car-events', consumer: 'cars', takes: ['carHired'] },
  { name: 'hotel-events', consumer: 'hotels', takes: 'rest' },
] as const;
const portsOf = (argv: string[], queues: readonly Queue[]) => {
  const parsed = parseStackConfig(argv, {}, { root: '/clone', nowMs: 1_000, carveOuts, queues });
  assert.ok(parsed.kind === 'config', JSON.stringify(parsed));
  const { ports } = parsed.config;
  return ownPorts(parsed.config)
    .filter((name) => name.startsWith('relay'))
    .map((name) => `${name}: ${portOf(ports, name)}`);
};

test('a relay runs for each service that runs and then for the monolith, where there are queues', () => {
  assert.deepEqual(portsOf(['--service', 'cars'], QUEUES), ['relay monolith: 9470', 'relay cars: 9472']);
  assert.equal(portsOf(['--with-services'], QUEUES).length, 3);
  assert.deepEqual(portsOf([], QUEUES), []);
  assert.deepEqual(portsOf(['--with-services'], []), []);
});

test('a service beside a given database of the monolith needs one too', () => {
  const parsed = parseWith(['--service', 'cars', '--fresh'], {
    MONOLITH_DATABASE_URL: 'postgres://a@b/c',
    HOTELS_DATABASE_URL: 'postgres://a@b/d',
  });
  assert.ok(parsed.kind === 'faults');
  assert.match(
    parsed.faults.join('\n'),
    /CARS_DATABASE_URL must be set.*\n.*MONOLITH_DATABASE_URL names another.*\n.*HOTELS_DATABASE_URL names another/,
  );
});

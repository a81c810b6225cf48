import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import { parseConfigFile } from './config-file.ts';
import { parseConfig } from './parse-config.ts';
import { VARIABLES, type Variable } from './variables.ts';

const MONOLITH_URL = 'http://127.0.0.1:3000';

const BILLING = {
  name: 'billing',
  aggregate: 'billing',
  client: () => {},
  targetVariable: 'BILLING_TARGET',
  deadlineMs: 100,
  operations: { getInvoice: { kind: 'read', handle: () => {} } },
  failure: () => {},
};

const TELL = { method: 'POST', path: '/bff/x/{id}', job: 'tell', handle: () => {} };
const ODD_PATHS = [
  { tell: { ...TELL, path: '/bff/jobs/{id}/tell' } },
  { tell: { ...TELL, path: '/x' } },
  { tell: { ...TELL, job: undefined } },
  { getInvoice: TELL },
];

function faultsOf(env: Record<string, string>, exported?: unknown): string[] {
  const configFile =
    exported === undefined ? {} : { configFile: parseConfigFile(exported, 'banyan.config.ts') };
  const parsed = parseConfig({ env, ...configFile });
  return parsed.ok
    ? []
    : parsed.faults.map(({ name, rule, got }) => `${name}: ${rule}${got ? `; ${got}` : ''}`);
}

describe('the configuration', () => {
  it('is whole and frozen, with the documented defaults', () => {
    const parsed = parseConfig({ env: { MONOLITH_URL: 'http://127.0.0.1:3000/' } });
    assert.ok(parsed.ok);
    const { config } = parsed;
    assert.deepEqual(config.listen, {
      port: 8080,
      host: '127.0.0.1',
      adminPort: 8081,
      adminHost: '127.0.0.1',
    });
    assert.equal(config.monolith.url, MONOLITH_URL);
    assert.equal(config.limits.firstByteTimeoutMs, 600_000);
    assert.ok(
      Object.isFrozen(config) &&
        Object.isFrozen(config.limits) &&
        Object.isFrozen(config.forwarded.trustedProxies),
    );
  });

  it('takes the monolith from the file, and from MONOLITH_URL in its stead', () => {
    const configFile = parseConfigFile({ monolith: 'http://legacy.example' }, 'c.ts');
    const ofFile = parseConfig({ env: {}, configFile });
    const ofEnv = parseConfig({ env: { MONOLITH_URL }, configFile });
    assert.ok(ofFile.ok && ofEnv.ok);
    assert.deepEqual(
      [ofFile.config.monolith.url, ofEnv.config.monolith.url],
      ['http://legacy.example', MONOLITH_URL],
    );
  });

  const cases: [string, Record<string, string>, unknown, RegExp[]][] = [
    ['no monolith', {}, undefined, [/^MONOLITH_URL: must be set/]],
    ['an empty variable as not set', { MONOLITH_URL: '' }, undefined, [/^MONOLITH_URL: must be set/]],
    ['a URL with a user', { MONOLITH_URL: 'http://u:secret@h' }, undefined, [/no user name.*\*\*\*@h/]],
    ['a URL with a path', { MONOLITH_URL: 'http://h/base' }, undefined, [/must hold no path/]],
    ['a URL of another scheme', { MONOLITH_URL: 'ws://h' }, undefined, [/must begin with http/]],
    [
      'a CA for a monolith without TLS',
      { MONOLITH_URL, MONOLITH_CA: 'x' },
      undefined,
      [/^MONOLITH_CA: has no effect/],
    ],
    [
      'one port for both',
      { MONOLITH_URL, PORT: '9', ADMIN_PORT: '9' },
      undefined,
      [/^ADMIN_PORT: must differ/],
    ],
    ['a port out of range', { MONOLITH_URL, PORT: '65536' }, undefined, [/^PORT: must be a whole number/]],
    ['a host with a port', { MONOLITH_URL, HOST: '127.0.0.1:80' }, undefined, [/^HOST: .*without a port/]],
    [
      'a network that is none',
      { MONOLITH_URL, TRUSTED_PROXIES: '10.0.0.0/33' },
      undefined,
      [/^TRUSTED_PROXIES: /],
    ],
    [
      'a misspelt setting',
      { MONOLITH_URL, BANYAN_ADMIN_TOKENS: 'secret' },
      undefined,
      [/^BANYAN_ADMIN_TOKENS: is no variable of this gateway$/],
    ],
    [
      'a token that is short, and one that no header can hold',
      { MONOLITH_URL, BANYAN_ADMIN_TOKEN: 'secret', BANYAN_VIEWER_TOKEN: 'secret secret secret' },
      undefined,
      [/^BANYAN_ADMIN_TOKEN: .*at least 16.*; \*\*\*$/, /^BANYAN_VIEWER_TOKEN: .*; \*\*\*$/],
    ],
    [
      'one token for both roles',
      { MONOLITH_URL, BANYAN_ADMIN_TOKEN: 'secret-of-16-bytes', BANYAN_VIEWER_TOKEN: 'secret-of-16-bytes' },
      undefined,
      [/^BANYAN_VIEWER_TOKEN: must differ from BANYAN_ADMIN_TOKEN, in tokens and names$/],
    ],
    [
      'keys of overrides that are none',
      { MONOLITH_URL, BANYAN_OVERRIDE_KEYS: `!:${'x'.repeat(43)}` },
      undefined,
      [/^BANYAN_OVERRIDE_KEYS: entry 1 must begin with a key id.*; \*\*\*$/],
    ],
    [
      'one set of keys for identities and overrides',
      { MONOLITH_URL, BANYAN_OVERRIDE_KEYS: '@keys', BANYAN_IDENTITY_KEYS: '@keys' },
      undefined,
      [/^BANYAN_OVERRIDE_KEYS: must differ from BANYAN_IDENTITY_KEYS$/],
    ],
    [
      'unknown keys',
      {},
      { monolith: 'http://h', matching: { fuzzy: 1 }, topics: {} },
      [/matching\.fuzzy: is no key/, /topics: is no key/],
    ],
    [
      'a carve-out that is none, and stages, which flags alone say',
      {},
      { monolith: 'http://h', carveOuts: [{ name: 'billing' }], initialStages: { billing: 'service' } },
      [/carveOuts\.0: must name its aggregate/, /initialStages: is no key/],
    ],
    [
      'a carve-out without its surroundings',
      { BILLING_TARGET: 'http://h' },
      { monolith: 'http://h', carveOuts: [BILLING, BILLING] },
      [
        /^BILLING_TARGET: must be host:port/,
        /^BILLING_TARGET: must be host:port/,
        /carveOuts\.0 \(billing\): takes getInvoice, which the contract does not have/,
        /carveOuts\.1 \(billing\): must have a name of its own/,
        /carveOuts\.1 \(billing\): must not take getInvoice, which billing has/,
        /carveOuts\.1 \(billing\): takes getInvoice, which the contract does not have/,
      ],
    ],
    [
      'paths of its own that a carve-out cannot have',
      {},
      { monolith: 'http://h', carveOuts: ODD_PATHS.map((bff) => ({ ...BILLING, bff })) },
      [
        ...[0, 1].map(
          (at) => new RegExp(`carveOuts\\.${at}: must have a path below /bff/, and not below /bff/jobs`),
        ),
        /carveOuts\.2: must have the method POST, a job and a handle for tell/,
        /carveOuts\.3: must not have getInvoice twice/,
      ],
    ],
    [
      'one path of two carve-outs',
      {},
      {
        monolith: 'http://h',
        carveOuts: [
          { ...BILLING, operations: {}, bff: { tell: TELL } },
          { ...BILLING, name: 'booking', operations: {}, bff: { say: { ...TELL, path: '/bff/x/{other}' } } },
        ],
      },
      [/carveOuts\.1 \(booking\): must not have \/bff\/x\/\{other\} for say, which billing has/],
    ],
    ['an export that is missing', {}, null, [/banyan\.config\.ts: /]],
    ['a file without a monolith', {}, {}, [/monolith: is missing/]],
  ];
  for (const [title, env, exported, expected] of cases) {
    it(`refuses ${title}`, () => {
      const faults = faultsOf(env, exported);
      assert.equal(faults.length, expected.length, faults.join('\n'));
      for (const [index, pattern] of expected.entries()) assert.match(faults[index] ?? '', pattern);
      assert.doesNotMatch(faults.join(), /secret/);
    });
  }

  it("lets other parts' variables stand", () => {
    const names = ['BANYAN_ADMIN_URL', 'BANYAN_TEST_POSTGRES_URL', 'BANYAN_CHROMIUM', 'BANYAN_BIND'];
    const env = Object.fromEntries(names.map((name) => [name, 'x']));
    assert.deepEqual(faultsOf({ MONOLITH_URL, ...env }), []);
  });

  it('has a Redis for flags, whether or not something is carved out', () => {
    const redisUrl = 'redis://127.0.0.1:6379';
    const parsed = parseConfig({ env: { MONOLITH_URL, REDIS_URL: redisUrl } });
    assert.ok(parsed.ok);
    assert.equal(parsed.config.redisUrl, redisUrl);
    assert.deepEqual(parsed.config.carveOuts, []);
  });

  it('is documented, every variable with its default and unit', async () => {
    const text = await readFile(new URL('../../../docs/configuration.md', import.meta.url), 'utf8');
    const documented = text.split('\n').filter((line) => /^\| `[A-Z_]+` \|/.test(line));
    const expected = (Object.entries(VARIABLES) as [string, Variable<unknown>][]).map(
      ([name, { default: value, unit, about }]) => {
        const shown = value === undefined ? '–' : value === '' ? 'none' : `\`${value}\``;
        return `| \`${name}\` | ${shown} | ${unit ?? '–'} | ${about} |`;
      },
    );
    assert.deepEqual(documented, expected);
  });
});

describe('what is carved out', () => {
  const sources = {
    configFile: parseConfigFile({ monolith: MONOLITH_URL, carveOuts: [BILLING] }, 'banyan.config.ts'),
    contract: {
      file: 'c.yaml',
      text: '',
      operations: [{ operationId: 'getInvoice', method: 'GET', path: '/i' }],
    },
  } as const;

  it('is inactive without its target, and needs no identity then', () => {
    const parsed = parseConfig({ ...sources, env: {} });
    assert.ok(parsed.ok);
    assert.deepEqual(parsed.config.carveOuts, []);
  });

  it('needs to know who is calling where it is active', () => {
    const parsed = parseConfig({ ...sources, env: { BILLING_TARGET: 'dns:///billing:50051' } });
    assert.ok(!parsed.ok);
    assert.deepEqual(
      parsed.faults.map(({ name }) => name),
      ['BANYAN_IDENTITY_KEYS', 'the configuration file: identity'],
    );
  });

  for (const target of [
    'h:1',
    'dns:///a.b:50051',
    'ipv4:127.0.0.1:1,127.0.0.1:2',
    '[::1]:5',
    'unix:/tmp/s',
  ]) {
    it(`may be at ${target}`, () => {
      const parsed = parseConfig({ ...sources, env: { BILLING_TARGET: target } });
      assert.ok(!parsed.ok);
      assert.ok(parsed.faults.every(({ name }) => name !== 'BILLING_TARGET'));
    });
  }
  for (const target of ['h', 'http://h:1', 'h:1,i:2', 'h:x', 'ipv4:']) {
    it(`cannot be at ${target}`, () => {
      const parsed = parseConfig({ ...sources, env: { BILLING_TARGET: target } });
      assert.ok(!parsed.ok);
      assert.equal(parsed.faults[0]?.name, 'BILLING_TARGET');
    });
  }
});

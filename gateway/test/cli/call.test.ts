import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { PaymentConsentServiceService } from '@banyan/contracts/booking/v1/booking';
import { DirectoryServiceService } from '@banyan/contracts/directory/v1/directory';
import { refuse } from '@banyan/service-kit/errors';
import { createIdentityKeys, createIdentityVerifier } from '@banyan/service-kit/identity';
import { silentLogger } from '@banyan/service-kit/logger';
import { createGrpcServer, implement } from '@banyan/service-kit/server';
import { TEST_KEYS_TEXT } from '@banyan/service-kit/testing/sign-identity';
import { startProcess } from '@banyan/stack/testing/processes';
import { COMMANDS } from '../../src/cli/commands.ts';
import { runCommand } from '../../src/cli/run-command.ts';
import { flightOf } from '../translate/support/test-service.ts';

const LAUNCHER = fileURLToPath(new URL('../../bin/banyan.mjs', import.meta.url));
const SERVICE_TOKEN = 'token of these tests';
const FLIGHTS = 2_000;
/** Beyond what a float holds. */
const LARGE = '9007199254740993';

type Ended = { readonly status: number; readonly out: string; readonly err: string };
type Call = (args: readonly string[], env?: Record<string, string>) => Promise<Ended>;
type World = { readonly call: Call; readonly target: string; readonly folder: string };

/** A service whose audience is `flights`, of a configuration that calls it so, in a folder of its own. */
async function withService(work: (world: World) => Promise<void>): Promise<void> {
  const now = () => new Date();
  const keys = createIdentityKeys(TEST_KEYS_TEXT, { now, logger: silentLogger });
  const server = createGrpcServer({
    services: [
      implement(DirectoryServiceService, 'user', {
        getFlight: ({ flightId }) => {
          if (flightId === 404n) {
            throw refuse('NOT_FOUND', 'FLIGHT_NOT_FOUND', {
              message: 'no such flight',
              domain: 'flights',
              metadata: { flight_id: '404' },
              violations: [{ field: 'flight_id', description: 'not_found' }],
              retryAfterSeconds: 5,
            });
          }
          return { flight: { ...flightOf(flightId), departsAt: new Date('2026-11-25T10:00:00.500Z') } };
        },
        getAccount: (_request, { identity }) => ({
          account: { id: identity.accountId, name: identity.name, email: '', role: 'ROLE_CUSTOMER' as const },
        }),
        listFlights: async function* () {
          for (let id = 1; id <= FLIGHTS; id++) yield { flights: [flightOf(BigInt(id))], cursor: String(id) };
        },
        listAccounts: async function* (_request, { signal }) {
          await new Promise((_resolve, reject) => signal.addEventListener('abort', reject));
        },
      }),
      implement(PaymentConsentServiceService, 'service', {
        beginPayment: () => ({ holdExpiresAt: new Date('2026-11-25T10:00:00Z') }),
      }),
    ],
    identity: createIdentityVerifier({ keys, audience: 'flights', now }),
    serviceToken: SERVICE_TOKEN,
    logger: silentLogger,
    now,
    newId: randomUUID,
    limits: { drainMs: 200 },
  });
  const folder = await mkdtemp(join(tmpdir(), 'banyan-call-'));
  try {
    const { port } = await server.listen({ port: 0, host: '127.0.0.1' });
    const contracts = import.meta.resolve('@banyan/contracts/directory/v1/directory');
    await writeFile(
      join(folder, 'banyan.config.mjs'),
      `export default { monolith: 'http://127.0.0.1:3000', carveOuts: [{ name: 'flights', targetVariable: 'FLIGHTS_TARGET',
         client: async () => (await import('${contracts}')).DirectoryServiceClient }] };`,
    );
    const target = `127.0.0.1:${port}`;
    await work({ call: caller(folder, target), target, folder });
  } finally {
    await server.stop();
    await rm(folder, { recursive: true });
  }
}

/** `banyan call` in this process, with what it wrote. */
function caller(folder: string, target: string): Call {
  return async (args, env = {}) => {
    const written = { out: '', err: '' };
    const output = (to: 'out' | 'err') => ({
      write: (text: string) => {
        written[to] += text;
      },
      drained: () => Promise.resolve(),
      isTerminal: false,
      columns: 80,
    });
    const status = await runCommand(['call', ...args], COMMANDS, {
      env: {
        BANYAN_CONFIG: 'banyan.config.mjs',
        FLIGHTS_TARGET: target,
        BANYAN_IDENTITY_KEYS: TEST_KEYS_TEXT,
        ...env,
      },
      folder,
      out: output('out'),
      err: output('err'),
      now: () => performance.now(),
      wallClock: () => new Date(),
      signal: new AbortController().signal,
    });
    return { status, ...written };
  };
}

const GET_FLIGHT = 'directory.v1.DirectoryService/GetFlight';

test('a call is JSON in and JSON out, by the proto3 mapping: long integers as text, enums by name, times in RFC 3339', () =>
  withService(async ({ call, target }) => {
    const got = await call([
      GET_FLIGHT,
      `{"flightId":"${LARGE}"}`,
      '--target',
      target,
      '--as',
      '7:customer',
      '--audience',
      'flights',
    ]);
    assert.equal(got.status, 0, got.err);
    const { flight } = JSON.parse(got.out);
    assert.equal(flight.id, LARGE);
    assert.equal(flight.status, 'FLIGHT_STATUS_SCHEDULED');
    assert.equal(flight.departsAt, '2026-11-25T10:00:00.500Z');
    assert.match(got.out, /\n {2}"flight": \{\n/);
    assert.match(
      got.err,
      /signed by key test as account 7 \(customer\) for flights: an operator acts in its name/,
    );
  }));

test('a number beyond what a float holds arrives as it was written, and a field by its name in the contract too', () =>
  withService(async ({ call }) => {
    const got = await call([GET_FLIGHT, `{"flight_id": ${LARGE}}`, '--as', '7:customer', '--json']);
    assert.equal(got.status, 0, got.err);
    assert.equal(got.out.indexOf('\n'), got.out.length - 1);
    assert.equal(JSON.parse(got.out).flight.id, LARGE);
  }));

test('the configuration says where a service is: by its full name, its own, or the carve-out', () =>
  withService(async ({ call }) => {
    for (const name of [GET_FLIGHT, `/${GET_FLIGHT}`, 'DirectoryService/getFlight', 'flights/GetFlight']) {
      const got = await call([name, '{"flightId":3}', '--as', '7:customer']);
      assert.equal(got.status, 0, `${name}: ${got.err}`);
      assert.equal(JSON.parse(got.out).flight.number, 'MA3');
    }
  }));

test('a stream is one JSON object a line', () =>
  withService(async ({ call }) => {
    const got = await call(['flights/ListFlights', '--as', '7:customer']);
    assert.equal(got.status, 0, got.err);
    const lines = got.out.trimEnd().split('\n');
    assert.equal(lines.length, FLIGHTS);
    assert.equal(JSON.parse(lines.at(-1) ?? '').cursor, String(FLIGHTS));
  }));

test('who calls is nobody, an account, a given identity, or a service', () =>
  withService(async ({ call, target }) => {
    const nobody = await call([GET_FLIGHT]);
    assert.equal(nobody.status, 1);
    assert.match(nobody.err, /UNAUTHENTICATED \(16\)/);
    const account = await call(['flights/GetAccount', '--as', `${LARGE}:accountant`]);
    assert.equal(JSON.parse(account.out).account.id, LARGE);
    const wrong = await call([GET_FLIGHT, '--token', 'a.b.c']);
    assert.match(wrong.err, /UNAUTHENTICATED/);
    const consent = ['booking.v1.PaymentConsentService/BeginPayment', '--target', target];
    assert.match((await call(consent, { SERVICE_TOKEN })).err, /UNAUTHENTICATED/);
    const service = await call([...consent, '--service-token', '--json'], { SERVICE_TOKEN });
    assert.deepEqual([service.status, service.out], [0, '{"holdExpiresAt":"2026-11-25T10:00:00Z"}\n']);
  }));

test('a refusal is said with its reason, its facts, its fields and its time, for people and for scripts', () =>
  withService(async ({ call }) => {
    const got = await call(['flights/GetFlight', '{"flightId":404}', '--as', '7:customer', '--json']);
    assert.equal(got.status, 1);
    assert.match(
      got.err,
      /refused: flights\/GetFlight: NOT_FOUND \(5\): no such flight\n {2}reason FLIGHT_NOT_FOUND of flights\n {2}flight_id = 404\n {2}field flight_id: not_found\n {2}try again in 5 s\n/,
    );
    assert.deepEqual(JSON.parse(got.out), {
      refused: {
        method: 'flights/GetFlight',
        code: 'NOT_FOUND',
        number: 5,
        message: 'no such flight',
        reason: 'FLIGHT_NOT_FOUND',
        domain: 'flights',
        metadata: { flight_id: '404' },
        violations: [{ field: 'flight_id', description: 'not_found' }],
        retryAfterSeconds: 5,
      },
    });
  }));

test('a call ends with its deadline, and one that finds no service soon', () =>
  withService(async ({ call }) => {
    const late = await call(['flights/ListAccounts', '--as', '7:customer', '--deadline', '0.3']);
    assert.equal(late.status, 1);
    assert.match(late.err, /DEADLINE_EXCEEDED|CANCELLED/);
    const away = await call([GET_FLIGHT, '--target', '127.0.0.1:1']);
    assert.equal(away.status, 1);
    assert.match(away.err, /UNAVAILABLE \(14\)/);
  }));

test('without a method it lists services and methods', () =>
  withService(async ({ call, target }) => {
    const all = await call(['--target', target]);
    assert.equal(all.status, 0, all.err);
    for (const name of [
      'booking.v1.PaymentConsentService',
      'directory.v1.DirectoryService',
      'grpc.health.v1.Health',
    ]) {
      assert.ok(all.out.includes(`service ${name} {`), name);
    }
    assert.match(
      all.out,
      /rpc ListFlights\(directory\.v1\.ListFlightsRequest\) returns \(stream directory\.v1\.ListFlightsResponse\);/,
    );
    const one = await call(['flights', '--json']);
    assert.deepEqual(JSON.parse(one.out), {
      target,
      services: [
        {
          name: 'directory.v1.DirectoryService',
          methods: ['GetFlight', 'ListFlights', 'GetAccount', 'ListAccounts'],
        },
      ],
    });
  }));

test('--describe shows a message, an enum, a service, a method', () =>
  withService(async ({ call }) => {
    const describe = async (symbol: string) => {
      const got = await call(['--describe', symbol]);
      assert.equal(got.status, 0, got.err);
      return got.out;
    };
    const flight = await describe('directory.v1.Flight');
    assert.match(flight, /^message directory\.v1\.Flight \{\n {2}int64 id = 1;\n/);
    assert.match(flight, /\n {2}optional string gate = 11;\n/);
    assert.match(flight, /\n {2}google\.protobuf\.Timestamp departs_at = 5;\n/);
    assert.match(await describe('directory.v1.FlightStatus'), /FLIGHT_STATUS_CANCELLED = 6;/);
    assert.match(await describe('directory.v1.DirectoryService'), /rpc GetFlight\(/);
    const method = await describe('directory.v1.DirectoryService/GetFlight');
    assert.match(method, /^rpc GetFlight\(/);
    assert.match(method, /as JSON, what is not set: \{"flightId":"0"\}/);
  }));

test('a call that cannot be is status 2, and nothing is sent', () =>
  withService(async ({ call, folder, target }) => {
    await writeFile(join(folder, 'request.json'), '{"flightId": 9}');
    const fromFile = await call(['flights/GetFlight', '@request.json', '--as', '7:customer']);
    assert.equal(JSON.parse(fromFile.out).flight.number, 'MA9');
    // A carve-out's name stands for its service, and is the audience, also where the target is given.
    const elsewhere = ['--target', target, '--as', '7:customer'];
    const given = await call(['flights/GetFlight', '{"flightId": 9}', ...elsewhere], { FLIGHTS_TARGET: '' });
    assert.equal(given.status, 0, given.err);
    const short = await call(
      ['DirectoryService/GetFlight', '{"flightId": 9}', ...elsewhere, '--audience', 'flights'],
      {
        BANYAN_CONFIG: 'nowhere.mjs',
      },
    );
    assert.equal(short.status, 0, short.err);
    for (const [args, message, env] of [
      [['a/b/c'], /no <service\/method>/],
      [['flights/GetFlight', '{', '--as', '7:customer'], /not JSON/],
      [
        ['flights/GetFlight', '{"flight":1}', '--as', '7:customer'],
        /no directory\.v1\.GetFlightRequest.*flight/,
      ],
      [['flights/GetFlight', '{"flightId":"1.5"}', '--as', '7:customer'], /flight_id/],
      [['flights/GetFlight', '@nowhere.json'], /nowhere\.json cannot be read/],
      [['flights/Fly'], /has no method Fly \(it has GetFlight/],
      [['nowhere.v1.NoService/Get'], /is of no carve-out of the configuration \(it has flights\)/],
      [['flights/GetFlight'], /FLIGHTS_TARGET is not set/, { FLIGHTS_TARGET: '' }],
      [['flights/GetFlight', '--target', 'here'], /--target must be host:port/],
      [['flights/GetFlight', '--as', 'ann'], /--as must be an account id, a colon and a role/],
      [
        ['flights/GetFlight', '--as', '7:customer'],
        /BANYAN_IDENTITY_KEYS, which is not set/,
        { BANYAN_IDENTITY_KEYS: '' },
      ],
      [
        ['flights/GetFlight', '--as', '7:customer'],
        /BANYAN_IDENTITY_KEYS entry 1 must/,
        { BANYAN_IDENTITY_KEYS: 'x' },
      ],
      [['flights/GetFlight', '--service-token'], /SERVICE_TOKEN, which is not set/],
      [['flights/GetFlight', '--service-token', '--token', 'x'], /exclude each other/],
      [['flights/GetFlight', '--deadline', 'soon'], /--deadline must be seconds/],
      [['--describe', 'directory.v1.Nothing'], /knows of no directory\.v1\.Nothing/],
      [['flights', '--as', '7:customer'], /an identity is for a call/],
    ] as const satisfies readonly (readonly [readonly string[], RegExp, Record<string, string>?])[]) {
      const got = await call(args, env);
      assert.equal(got.status, 2, `${args.join(' ')}: ${got.err}`);
      assert.match(got.err, message, args.join(' '));
      assert.equal(got.out, '');
    }
  }));

test('as a process it answers, and ends quietly when its reader leaves', () =>
  withService(async ({ target, folder }) => {
    const env = { BANYAN_IDENTITY_KEYS: TEST_KEYS_TEXT };
    const shell = startProcess({
      program: '/bin/sh',
      args: [
        '-c',
        `"$0" "$1" call directory.v1.DirectoryService/ListFlights --target ${target} --as 7:customer --audience flights | head -n 1`,
        process.execPath,
        LAUNCHER,
      ],
      folder,
      env,
    });
    assert.equal(await shell.ended, 0);
    const [first] = shell.lines.filter((line) => line.startsWith('{'));
    assert.equal(JSON.parse(first ?? '').cursor, '1');
    assert.doesNotMatch(shell.lines.join('\n'), /EPIPE|at .*\.ts/);
  }));

import { mkdtemp, rm } from 'node:fs/promises';
import type { RequestListener, Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineIdentity } from '@banyan/gateway/carve-out';
import { parseConfigFile } from '../../../src/config/config-file.ts';
import { INITIAL_SNAPSHOT, type Snapshot } from '../../../src/rollout/snapshot.ts';
import { createFileStore } from '../../../src/rollout/stores/file-store.ts';
import type { Operation } from '../../../src/routing/operation.ts';
import { startUpstream } from '../../support/upstream.ts';
import { type RunningGateway, withGateway } from '../../support/with-gateway.ts';
import { flightsCarveOut } from './flights-carve-out.ts';

export const FLIGHT_OPERATIONS: readonly Operation[] = [
  { operationId: 'getFlight', method: 'GET', path: '/flights/{id}' },
  { operationId: 'renameFlight', method: 'POST', path: '/flights/{id}/name' },
  { operationId: 'pictureFlight', method: 'POST', path: '/flights/{id}/picture' },
  { operationId: 'exportFlights', method: 'GET', path: '/flights.csv' },
  { operationId: 'getNews', method: 'GET', path: '/news' },
];

/** Whoever sends a cookie is that account; the monolith says so, and renews the cookie. */
const identity = defineIdentity({
  credentialOf: (headers) => {
    const cookie = headers.get('cookie') ?? '';
    return { key: cookie, headers: [['Cookie', cookie]] };
  },
  ask: { method: 'GET', path: '/session' },
  read: ({ status, body }) => {
    if (status !== 200) return null;
    return {
      identity: { account: body.toString(), role: 'customer', name: 'Ann', via: 'session' },
      expiresAt: null,
      renew: (credential, now) => [['Set-Cookie', `${credential.key}; Expires=${now.toUTCString()}`]],
    };
  },
  alteredBy: () => null,
});

export type FlightsOptions = {
  readonly target: string;
  /** Of the file that it finds when it starts. */
  readonly flags?: Snapshot['flags'];
  readonly env?: Readonly<Record<string, string>>;
  readonly dataDir?: string;
  /** Of every operation. Short, for a service that does not answer. */
  readonly deadlineMs?: number;
  /** What the monolith answers, but for who is calling. Default: `monolith: <method> <target>`. */
  readonly monolith?: RequestListener;
  /** How it says who is calling. Default: the account is the cookie's `sid`; without one, 401. */
  readonly session?: RequestListener;
  /** For who listens to what else it is asked. */
  readonly withMonolith?: (server: Server) => void;
};

export const COOKIE = 'sid=7';
/** To connect to the monolith, and for a start to hear from the service. */
const PATIENT_MS = '15000';
/** Where the service says nothing, a start waits for it in vain. */
export const IMPATIENT = { CONNECT_TIMEOUT_MS: '500' };

/** A gateway with the flights carved out, before a monolith that answers `monolith: <method> <path>`. */
export async function withFlights<T>(
  {
    target,
    flags,
    env = {},
    dataDir,
    deadlineMs = flightsCarveOut.deadlineMs,
    monolith: other,
    session = saySession,
    withMonolith,
  }: FlightsOptions,
  work: (running: RunningGateway) => Promise<T>,
): Promise<T> {
  const folder = dataDir ?? (await mkdtemp(join(tmpdir(), 'banyan-data-')));
  await using monolith = await startUpstream((request, response) => {
    if (request.url === '/session') session(request, response);
    else if (other !== undefined) other(request, response);
    else response.end(`monolith: ${request.method} ${request.url}`);
  });
  withMonolith?.(monolith.server);
  const configFile = parseConfigFile(
    { monolith: monolith.url, identity, carveOuts: [{ ...flightsCarveOut, deadlineMs }] },
    'banyan.config.ts',
  );
  try {
    if (flags !== undefined) await keepFlags(folder, flags);
    return await withGateway(
      {
        env: {
          FLIGHTS_TARGET: target,
          BANYAN_DATA_DIR: folder,
          BANYAN_IDENTITY_KEYS: `k1:${Buffer.alloc(32, 7).toString('base64url')}`,
          CONNECT_TIMEOUT_MS: PATIENT_MS,
          ...env,
        },
        sources: { configFile, contract: { file: 'test.yaml', text: '', operations: FLIGHT_OPERATIONS } },
      },
      work,
    );
  } finally {
    if (dataDir === undefined) await rm(folder, { recursive: true, force: true });
  }
}

const saySession: RequestListener = (request, response) => {
  const account = /sid=(\d+)/.exec(request.headers.cookie ?? '')?.[1];
  response.writeHead(account ? 200 : 401, { 'X-From': 'monolith' }).end(account ?? '{"error":"who?"}');
};

/** As a gateway leaves them to the one that comes after it. */
async function keepFlags(dataDir: string, flags: Snapshot['flags']): Promise<void> {
  const store = createFileStore(join(dataDir, 'flags.json'), Number(PATIENT_MS));
  const snapshot = { ...INITIAL_SNAPSHOT, version: 1, flags };
  const { at, by, reason } = snapshot;
  const change = { id: '1', version: 1, at, by, reason, action: 'set-carve-out', target: 'flights' } as const;
  await store.commit(0, snapshot, { ...change, from: {}, to: flags, replica: 'before', client: 'test' });
  await store.stop();
}

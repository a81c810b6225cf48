import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { createAdminApp } from '../../src/admin/admin-app.ts';
import { createAdminListener } from '../../src/admin/admin-listener.ts';
import type { AdminParts } from '../../src/admin/admin-parts.ts';
import { createBackendHealth } from '../../src/http/backend-health.ts';
import { createReadiness } from '../../src/lifecycle/readiness.ts';
import { createOverrides } from '../../src/overrides/overrides.ts';
import { type FlagStore, StoreAway, type StoreEvents } from '../../src/rollout/flag-store.ts';
import type { Flags } from '../../src/rollout/flags.ts';
import { type CarvedOut, compileRoutes, type OwnerFacts } from '../../src/rollout/routes.ts';
import { createFlags } from '../../src/rollout/stores/create-flags.ts';
import { createFileStore } from '../../src/rollout/stores/file-store.ts';
import type { Operation } from '../../src/routing/operation.ts';
import type { ServiceReport } from '../../src/translate/carve-outs.ts';

export const OPERATOR = 'a-token-of-ann-who-operates';
export const VIEWER = 'a-token-of-vic-who-looks';
/** For a disk that a busy machine keeps waiting. */
const PATIENT_MS = 30_000;

const OPERATIONS: readonly Operation[] = [
  { operationId: 'getInvoice', method: 'GET', path: '/invoices/{id}' },
  { operationId: 'listInvoices', method: 'GET', path: '/invoices' },
  { operationId: 'payInvoice', method: 'POST', path: '/invoices/{id}/payments' },
  { operationId: 'getBooking', method: 'GET', path: '/bookings/{id}' },
  { operationId: 'sendMail', method: 'POST', path: '/mails' },
  { operationId: 'getNews', method: 'GET', path: '/news' },
];
const CARVED: readonly CarvedOut[] = [
  { operationId: 'getInvoice', carveOut: 'billing', aggregate: 'billing', kind: 'read' },
  { operationId: 'listInvoices', carveOut: 'billing', aggregate: 'billing', kind: 'read' },
  { operationId: 'payInvoice', carveOut: 'billing', aggregate: 'billing', kind: 'write' },
  { operationId: 'getBooking', carveOut: 'booking', aggregate: 'booking', kind: 'read' },
  { operationId: 'sendMail', carveOut: 'mail', aggregate: 'mail', kind: 'write' },
];

export type Sent = {
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON, unless it is text. */
  readonly body?: unknown;
};
export type Answered = {
  readonly response: Response;
  readonly text: string;
  readonly body: Record<string, unknown>;
};

export type TestAdmin = AsyncDisposable & {
  readonly url: string;
  readonly port: number;
  readonly flags: Flags;
  /** Every line that was logged. */
  readonly log: readonly Record<string, unknown>[];
  readonly owners: Map<string, OwnerFacts>;
  readonly services: Map<string, ServiceReport['state']>;
  /** Of the store of flags. */
  takeAway(): void;
  bringBack(): void;
  /** As if somebody had replaced it by an empty one. */
  empty(): Promise<void>;
  /** As an operator, unless it says otherwise; an empty token is none. */
  call(method: string, path: string, sent?: Sent): Promise<Answered>;
};

/** The admin port over real flags in a file: billing is shared, booking's service owns, mail has nothing but a write. */
export async function startAdmin(changes: Partial<AdminParts> = {}): Promise<TestAdmin> {
  const folder = await mkdtemp(join(tmpdir(), 'banyan-admin-'));
  const log: Record<string, unknown>[] = [];
  const logger = pino({ base: null }, { write: (line: string) => void log.push(JSON.parse(line)) });
  const store = createSwitchedStore(createFileStore(join(folder, 'flags.json'), PATIENT_MS));
  let ids = 0;
  const newId = () => `id-${++ids}`;
  const monotonicMs = () => performance.now();
  const now = () => Date.now();
  const flags = createFlags({ store, dataDir: folder, replica: 'r1', now, monotonicMs, newId, logger });
  await flags.start(PATIENT_MS);
  const setting = `k1:${Buffer.alloc(32, 7).toString('base64url')}`;
  const overrides = await createOverrides({ setting, now, newId, logger });
  const owners = new Map<string, OwnerFacts>([
    ['billing', { owner: 'monolith', data: 'shared' }],
    ['booking', { owner: 'service', data: 'shared' }],
    ['mail', { owner: 'monolith', data: 'none' }],
  ]);
  const services = new Map<string, ServiceReport['state']>([
    ['billing', 'serving'],
    ['booking', 'serving'],
  ]);
  const readiness = createReadiness();
  readiness.enter('ready');
  const parts: AdminParts = {
    readiness,
    monolith: createBackendHealth(now),
    services: () => [...services].map(([name, state]) => reportOf(name, state, owners.get(name))),
    metrics: { render: async () => ({ contentType: 'text/plain', text: '' }) },
    contract: {
      file: 'api.yaml',
      text: 'openapi: 3.1.0\n',
      operations: OPERATIONS,
      matching: { caseSensitive: false, trailingSlash: 'tolerated' },
    },
    tokens: {
      operators: [{ name: 'ann', token: OPERATOR }],
      viewers: [{ name: 'vic', token: VIEWER }],
    },
    monolithHits: { onRequest: () => {}, of: () => undefined },
    logger,
    monotonicMs,
    flags,
    rollout: () =>
      compileRoutes(CARVED, (aggregate) => owners.get(aggregate), flags.snapshot(), flags.kills()),
    overrides,
    replica: 'r1',
    ...changes,
  };
  const listener = createAdminListener(
    async () => createAdminApp(parts),
    (failure) => assert.fail(String(failure)),
  );
  const port = await listener.listen(0, '127.0.0.1');
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    port,
    flags,
    log,
    owners,
    services,
    takeAway: store.takeAway,
    bringBack: store.bringBack,
    empty: () => rm(join(folder, 'flags.json')),
    call: async (method, path, { token = OPERATOR, headers = {}, body } = {}) => {
      const response = await fetch(`${url}/admin/v1${path}`, {
        method,
        headers: {
          ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      return { response, text, body: text === '' ? {} : JSON.parse(text) };
    },
    [Symbol.asyncDispose]: async () => {
      await listener.close();
      overrides.stop();
      await flags.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function reportOf(name: string, state: ServiceReport['state'], owned: OwnerFacts | undefined): ServiceReport {
  return {
    name,
    state,
    sinceMs: 0,
    owner: owned && { owner: owned.owner, epoch: 3n, ageMs: 0, data: owned.data },
    breaker: 'closed',
    callsUnderWay: 0,
    callsWaiting: 0,
    streamsUnderWay: 0,
    calls: {},
  } as ServiceReport;
}

/** A store that can be taken away and brought back. */
function createSwitchedStore(store: FlagStore) {
  let isAway = false;
  let events: StoreEvents | undefined;
  const unless =
    <Args extends unknown[], T>(call: (...args: Args) => Promise<T>) =>
    async (...args: Args): Promise<T> => {
      if (isAway) throw new StoreAway('it was taken away');
      return call(...args);
    };
  return {
    ...store,
    start: async (told: StoreEvents) => {
      events = told;
      await store.start({
        onSnapshot: (held) => void (isAway || told.onSnapshot(held)),
        onSeen: (version) => void (isAway || told.onSeen(version)),
        onAway: told.onAway,
        onCorrupt: told.onCorrupt,
      });
    },
    read: unless(store.read),
    commit: unless(store.commit),
    append: unless(store.append),
    audit: unless(store.audit),
    report: unless(store.report),
    replicas: unless(store.replicas),
    takeAway: () => {
      isAway = true;
      events?.onAway('it was taken away');
    },
    bringBack: () => {
      isAway = false;
    },
  };
}

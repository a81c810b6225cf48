import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '@banyan/stack/testing/until';
import type { AuditEntry } from '../../../src/rollout/audit.ts';
import { createTestRedis, type TestRedis } from '../../support/redis.ts';
import { type Backends, startBackends } from './backends.ts';
import { CARVE_OUTS } from './operations.ts';
import { type Replica, type ReplicaOptions, startReplica } from './replica.ts';

/** Far longer than anything takes that works: a busy machine is no fault. */
export const PATIENT_MS = 45_000;
/** Longer than a soak. */
const TOKEN_SECONDS = 3_600;

export type Fleet = AsyncDisposable & {
  readonly redis: TestRedis;
  readonly backends: Backends;
  readonly replicas: readonly Replica[];
  /** Of an override that asks for proof alone. */
  readonly token: string;
  /** In the place of one that has ended, with its data and, where it had a fixed one, its port. */
  restart(replica: Replica): Promise<Replica>;
};

export type FleetOptions = {
  readonly names: readonly string[];
  /** Redis has after a crash what it acknowledged. Default: it does not, and waits for no disk. */
  readonly redisKeepsData?: boolean;
  /** What differs for the replica of that name, once Redis is there. */
  readonly optionsOf?: (name: string, redis: TestRedis) => Promise<Partial<ReplicaOptions>>;
};

/** Gateways that share a Redis, before one monolith and its services, once every one of them knows all of it. */
export async function startFleet({
  names,
  redisKeepsData = false,
  optionsOf = async () => ({}),
}: FleetOptions): Promise<Fleet> {
  await using started = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'banyan-fleet-'));
  started.defer(() => rm(folder, { recursive: true, force: true }));
  const redis = started.use(await createTestRedis({ keepsData: redisKeepsData }));
  const [backends] = await Promise.all([startBackends(), redis.start()]);
  started.use(backends);
  const start = async (options: ReplicaOptions, owner = started): Promise<Replica> => {
    const replica = await startReplica(options);
    owner.use(replica.process);
    await until(() => knowsServices(replica), {
      deadlineMs: PATIENT_MS,
      what: `services at ${options.name}`,
    });
    return replica;
  };
  const options = new Map<string, ReplicaOptions>();
  // Each has ended its start, one way or the other, before anything is taken away again.
  const starts = await Promise.allSettled(
    names.map(async (name) => {
      const own = await optionsOf(name, redis);
      const given = {
        name,
        redisUrl: redis.url,
        backends: backends.env,
        dataDir: join(folder, name),
        ...own,
      };
      options.set(name, given);
      return start(given);
    }),
  );
  const replicas = starts.map((each) => {
    if (each.status === 'rejected') throw each.reason;
    return each.value;
  });
  const [first] = replicas;
  if (first === undefined) throw new Error('a fleet has a replica');
  const minted = await first.admin('POST', '/overrides', {
    sides: {},
    expiresInSeconds: TOKEN_SECONDS,
    reason: 'proof of who answered',
  });
  if (minted.status !== 201) throw new Error(JSON.stringify(minted.body));
  const running = started.move();
  return {
    redis,
    backends,
    replicas,
    token: minted.body.token,
    restart: async ({ name }) => start(options.get(name) as ReplicaOptions, running),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

async function knowsServices(replica: Replica): Promise<boolean> {
  const { dependencies } = (await readiness(replica)).body;
  return CARVE_OUTS.every((name) => {
    const service = dependencies.services[name];
    return service.owner === 'monolith' && service.state === 'serving';
  });
}

/** What a load balancer is told. */
export async function readiness({ adminUrl }: Replica) {
  const answer = await fetch(`${adminUrl}/readyz`, { signal: AbortSignal.timeout(PATIENT_MS) });
  // biome-ignore lint/suspicious/noExplicitAny: its own tests hold its form
  return { status: answer.status, body: (await answer.json()) as any };
}

/** The whole audit as the replica gives it, oldest first. */
export async function readAudit(replica: Replica): Promise<{ entries: AuditEntry[]; isLocal: boolean }> {
  const entries: AuditEntry[] = [];
  let before = '';
  for (;;) {
    const { status, body } = await replica.admin('GET', `/audit?limit=500${before}`);
    if (status !== 200) throw new Error(JSON.stringify(body));
    entries.push(...body.entries);
    if (body.next === null) return { entries: entries.reverse(), isLocal: body.isLocal };
    before = `&before=${encodeURIComponent(body.next)}`;
  }
}

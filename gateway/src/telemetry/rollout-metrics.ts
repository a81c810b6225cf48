import { Counter, Gauge, type Registry } from 'prom-client';
import type { ReplicaReport } from '../rollout/flag-store.ts';
import type { Flags, FlagsStatus } from '../rollout/flags.ts';
import type { FlagCounts } from './flag-counts.ts';

export type RolloutSources = {
  readonly flags: Pick<Flags, 'status' | 'replicas'>;
  /** The version that requests are decided by; undefined while none are. */
  readonly decidedBy: () => number | undefined;
  readonly counts: Pick<FlagCounts, 'adopted' | 'refused'>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
};

/** Closed, as the port has it: each is a series, so that a query need not know which there are. */
const STORE_STATES = {
  starting: null,
  reachable: null,
  away: null,
  behind: null,
  corrupt: null,
} as const satisfies Record<FlagsStatus['state'], null>;
/** A store that does not answer must not keep a reader of metrics waiting. */
const REPLICAS_MS_MAX = 500;

/** The flags as this replica holds them, read when the metrics are. */
export function registerRolloutMetrics(
  registry: Registry,
  { flags, decidedBy, counts, now }: RolloutSources,
): void {
  const registers = [registry];
  const gauge = (name: string, help: string, read: (status: FlagsStatus) => number | undefined): Gauge =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        // What is not known is not 0.
        this.remove();
        const value = read(flags.status());
        if (value !== undefined) this.set(value);
      },
    });
  gauge('banyan_flags_version', 'Version of the snapshot that this replica decides by.', () => decidedBy());
  gauge(
    'banyan_flags_staleness_seconds',
    'Since the store last confirmed that version. Absent where it never has.',
    ({ stalenessMs }) => stalenessMs && stalenessMs / 1_000,
  );
  gauge('banyan_kills_active', 'Kills in force at this replica.', ({ kills }) => kills.length);
  gauge(
    'banyan_kill_age_seconds',
    'Age of the oldest kill in force. Absent where there is none.',
    ({ kills }) => (kills.length === 0 ? undefined : Math.max(0, now() - oldestMs(kills)) / 1_000),
  );
  gauge(
    'banyan_audit_entries_pending',
    'Audit entries that wait here for the store.',
    ({ pendingAudit }) => pendingAudit,
  );
  new Gauge({
    name: 'banyan_flags_store_state',
    help: '1 for the state that the store of flags is in, as seen from here; 0 for the others.',
    labelNames: ['state'] as const,
    registers,
    collect() {
      const { state } = flags.status();
      for (const each of Object.keys(STORE_STATES)) this.set({ state: each }, each === state ? 1 : 0);
    },
  });
  let asking: Promise<readonly ReplicaReport[] | undefined> | undefined;
  /** Both that want to know ask once. */
  const replicas = () => {
    asking ??= knownReplicas(flags).finally(() => {
      asking = undefined;
    });
    return asking;
  };
  const ofReplicas = (name: string, help: string, read: (versions: readonly number[]) => number): Gauge =>
    new Gauge({
      name,
      help,
      registers,
      async collect() {
        const known = await replicas();
        this.remove();
        if (known !== undefined) this.set(read(known.map(({ version }) => version)));
      },
    });
  ofReplicas(
    'banyan_flags_replicas',
    'Replicas that have reported lately. Absent while the store is away.',
    (versions) => versions.length,
  );
  ofReplicas(
    'banyan_flags_replica_lag',
    'Versions that the live replica which is furthest behind has to catch up. Absent while the store is away.',
    (versions) => (versions.length === 0 ? 0 : Math.max(...versions) - Math.min(...versions)),
  );
  new Counter({
    name: 'banyan_flags_adopted_total',
    help: 'Flips: snapshots that this replica adopted since its start.',
    registers,
    collect() {
      this.reset();
      this.inc(counts.adopted);
    },
  });
  new Counter({
    name: 'banyan_flags_refused_total',
    help: 'Changes, kills and overrides that this replica refused, by the type of the problem.',
    labelNames: ['kind'] as const,
    registers,
    collect() {
      this.reset();
      for (const [kind, count] of counts.refused) this.inc({ kind }, count);
    },
  });
}

function oldestMs(kills: FlagsStatus['kills']): number {
  return Math.min(...kills.map(({ at }) => Date.parse(at)));
}

/** Undefined where the store did not say in time who there is. */
async function knownReplicas(flags: RolloutSources['flags']): Promise<readonly ReplicaReport[] | undefined> {
  const timeUp = Promise.withResolvers<undefined>();
  const timer = setTimeout(timeUp.resolve, REPLICAS_MS_MAX);
  // That the store is away has a metric of its own.
  const asked = flags.replicas().then(
    (known) => (known.isLocal ? undefined : known.replicas),
    () => undefined,
  );
  const replicas = await Promise.race([asked, timeUp.promise]);
  clearTimeout(timer);
  return replicas;
}

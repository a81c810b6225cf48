import type { AdminTokens, ContractConfig } from '../config/config.ts';
import type { BackendHealth } from '../http/backend-health.ts';
import type { Readiness } from '../lifecycle/readiness.ts';
import type { Overrides } from '../overrides/overrides.ts';
import type { Queues } from '../queues/queues.ts';
import type { FlagRefusalKind } from '../rollout/flag-refusal.ts';
import type { Flags, FlagsStatus } from '../rollout/flags.ts';
import type { Rollout } from '../rollout/routes.ts';
import type { Operation } from '../routing/operation.ts';
import type { Shadow } from '../shadow/shadow.ts';
import type { LastHits } from '../telemetry/last-hits.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { Traffic } from '../telemetry/traffic.ts';
import type { ServiceReport } from '../translate/carve-outs.ts';
import { type ApiFlags, NO_FLAGS, NO_ROLLOUT } from './no-flags.ts';

/** What the admin port stands on. What is optional is absent where nothing is carved out. */
export type AdminParts = {
  readonly readiness: Readiness;
  readonly monolith: BackendHealth;
  readonly services: () => readonly ServiceReport[];
  readonly metrics: Pick<Metrics, 'render'>;
  readonly contract: ContractConfig | undefined;
  readonly tokens: AdminTokens;
  readonly monolithHits: LastHits;
  readonly logger: Logger;
  readonly monotonicMs: () => number;
  readonly flags?: Flags;
  /** What is in force now: compiled of the flags' snapshot, their kills, and the owners. */
  readonly rollout?: () => Rollout;
  readonly traffic?: Pick<Traffic, 'of' | 'windowSeconds'>;
  readonly shadow?: Pick<Shadow, 'report' | 'differences'>;
  /** Absent without override keys as well: then minting is refused, as `overrides-off`. */
  readonly overrides?: Pick<Overrides, 'mint'>;
  /** Absent where none are configured, or there is no Redis for them. */
  readonly queues?: Queues;
  /** The name of this replica, as the audit has it; the log of changes says it too. */
  readonly replica?: string;
  /** Told of every change that is refused to somebody who is known. */
  readonly onRefused?: (kind: FlagRefusalKind) => void;
};

/** What the API's resources stand on: the same, with something in the place of what is absent. */
export type ApiParts = Pick<
  AdminParts,
  | 'services'
  | 'tokens'
  | 'monolithHits'
  | 'logger'
  | 'monotonicMs'
  | 'traffic'
  | 'shadow'
  | 'overrides'
  | 'queues'
  | 'replica'
  | 'onRefused'
> & {
  readonly operations: readonly Operation[];
  readonly flags: ApiFlags;
  readonly rollout: () => Rollout;
  /** Of the flags; absent where there are none, and no audit with them. */
  readonly status?: () => FlagsStatus;
};

export function apiPartsOf(parts: AdminParts): ApiParts {
  const { flags, rollout = () => NO_ROLLOUT, contract } = parts;
  return {
    ...parts,
    operations: contract?.operations ?? [],
    flags: flags ?? NO_FLAGS,
    rollout,
    ...(flags === undefined ? {} : { status: flags.status }),
  };
}

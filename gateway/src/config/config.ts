import type { AnyCarveOut } from '../carve-out/define.ts';
import type { IdentityAdapter } from '../carve-out/identity-adapter.ts';
import type { Queue } from '../carve-out.ts';
import type { Operation } from '../routing/operation.ts';
import type { PathMatching } from '../routing/path-template.ts';
import type { NamedToken } from './named-tokens.ts';

/** What the gateway runs with. Frozen, whole and checked; nothing reads the environment after it. */
export type GatewayConfig = {
  readonly listen: {
    readonly port: number;
    readonly host: string;
    readonly adminPort: number;
    readonly adminHost: string;
  };
  readonly monolith: {
    /** Origin: scheme, host and port. */
    readonly url: string;
    /** PEM of the authorities to trust instead of the system's. */
    readonly ca?: string;
  };
  readonly contract?: ContractConfig;
  readonly forwarded: {
    readonly enabled: boolean;
    /** Addresses and CIDR networks. */
    readonly trustedProxies: readonly string[];
  };
  readonly limits: {
    readonly requestHeadTimeoutMs: number;
    readonly requestHeadBytesMax: number;
    readonly clientIdleTimeoutMs: number;
    readonly clientConnectionsMax: number;
    readonly clientHeldBytesMax: number;
    readonly bodyIdleTimeoutMs: number;
    readonly stallTimeoutMs: number;
    readonly connectTimeoutMs: number;
    readonly firstByteTimeoutMs: number;
    readonly upstreamReuseIdleMs: number;
    readonly tcpKeepAliveMs: number;
    readonly monolithCheckIntervalMs: number;
    readonly drainDelayMs: number;
    readonly drainTimeoutMs: number;
  };
  readonly logLevel: string;
  /** Those whose target is set; none without a contract. */
  readonly carveOuts: readonly { readonly carveOut: AnyCarveOut; readonly target: string }[];
  /** All that the configuration file declares, active or not. */
  readonly declaredCarveOuts: readonly AnyCarveOut[];
  /** How callers are known; set where a carve-out is active. */
  readonly identity?: IdentityConfig;
  /** As in BANYAN_OVERRIDE_KEYS. None: an override is any client's header or cookie. */
  readonly overrideKeys?: string;
  /** Where flags are kept for all replicas; absent, they are kept in a file of this one. */
  readonly redisUrl?: string;
  /** Where contexts reach each other; absent where no queue is named, or there is no Redis for them. */
  readonly queues?: QueuesConfig;
  /** Folder of what outlives a restart. */
  readonly dataDir: string;
  readonly tokens: AdminTokens;
  /** What an operator should know of how the configuration came about. */
  readonly notes: readonly string[];
};

/** What opens the admin API to whom. None of them: it is read-only, and open to whoever reaches the port. */
export type AdminTokens = {
  readonly operators: readonly NamedToken[];
  /** They may only read. */
  readonly viewers: readonly NamedToken[];
};

export type IdentityConfig = {
  readonly adapter: IdentityAdapter;
  /** As in BANYAN_IDENTITY_KEYS. */
  readonly keys: string;
  readonly redisUrl?: string;
};

export type QueuesConfig = {
  readonly redisUrl: string;
  /** Of their keys in that Redis. */
  readonly prefix: string;
  /** At least one. */
  readonly named: readonly Queue[];
};

export type ContractConfig = {
  readonly file: string;
  /** The document as it stands in the file, for readers. */
  readonly text: string;
  readonly operations: readonly Operation[];
  readonly matching: PathMatching;
};

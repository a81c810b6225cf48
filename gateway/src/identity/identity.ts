import type { IdentityAdapter } from '../carve-out/identity-adapter.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import type { Logger } from '../telemetry/logger.ts';
import { createAskMonolith } from './ask-monolith.ts';
import type { CallerChanges } from './changes-over-redis.ts';
import { createIdentitySource, type RememberingSource } from './identity-source.ts';

export type IdentityParts = {
  readonly adapter: IdentityAdapter;
  readonly monolith: { readonly url: string; readonly ca?: string };
  readonly keyRing: Pick<KeyRing, 'signing' | 'stop'>;
  /** Where replicas tell each other of log-outs; none: each finds out within seconds. */
  readonly redisUrl?: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly monotonicMs: () => number;
  readonly logger: Logger;
  readonly limits?: Partial<IdentityLimits>;
};

export type RunningIdentity = RememberingSource & {
  /** Connects to Redis where there is one. Waits for nothing: Redis may be away. */
  start(): Promise<void>;
  stop(): void;
};

export type IdentityLimits = typeof IDENTITY_LIMITS;

export const IDENTITY_LIMITS = {
  /** How old the monolith's word may be. */
  freshMs: 5_000,
  entriesMax: 20_000,
  bytesMax: 67_108_864,
  /** Questions at a time, those that wait for a connection included. */
  questionsMax: 4_096,
  connectionsMax: 64,
  deadlineMs: 3_000,
  patienceMs: 1_000,
  headBytesMax: 65_536,
  answerBytesMax: 65_536,
};

const WARN_EVERY_MS = 5_000;

/** Everything about who is calling, put together. */
export function createIdentity(parts: IdentityParts): RunningIdentity {
  const { adapter, keyRing, redisUrl, now, monotonicMs, logger } = parts;
  const limits = { ...IDENTITY_LIMITS, ...parts.limits };
  const monolith = createAskMonolith({ url: parts.monolith.url, ca: parts.monolith.ca, limits });
  let changes: CallerChanges | undefined;
  let isStopped = false;
  let isFailing = false;
  let warnedAtMs = Number.NEGATIVE_INFINITY;

  const source = createIdentitySource({
    adapter,
    monolith,
    now,
    monotonicMs,
    limits,
    signingKey: keyRing.signing,
    publish: (key) => changes?.publish(key),
    onAnswered: () => {
      if (isFailing) logger.info('the monolith says again who is calling');
      isFailing = false;
    },
    onFailed: (cause) => {
      isFailing = true;
      if (isStopped || monotonicMs() - warnedAtMs < WARN_EVERY_MS) return;
      warnedAtMs = monotonicMs();
      logger.warn({ err: cause }, 'the monolith does not say who is calling');
    },
  });

  return {
    ...source,
    start: async () => {
      if (redisUrl === undefined || isStopped) return;
      const { createCallerChanges } = await import('./changes-over-redis.ts');
      if (isStopped) return;
      changes = createCallerChanges({
        url: redisUrl,
        onState: (state, cause) => {
          if (state === 'connected') logger.info('log-outs are told to other replicas');
          else logger.warn({ err: cause }, 'Redis is away: log-outs reach other replicas within 5 s');
        },
      });
      changes.start({ onChanged: source.forget, onListening: source.forgetFreshness });
    },
    stop: () => {
      isStopped = true;
      changes?.close();
      keyRing.stop();
      monolith.close();
    },
  };
}

import type { IdentityConfig } from '../config/config.ts';
import type { Exchange } from '../datapath/exchange.ts';
import type { RequestContext } from '../http/request-context.ts';
import { openKeyRing } from '../keys/key-ring.ts';
import type { Logger } from '../telemetry/logger.ts';
import { HeadFields } from '../translate/head-fields.ts';
import type { IdentitySource } from '../translate/identity-source.ts';
import type { RequestHead } from '../wire/request-head.ts';
import { createIdentity } from './identity.ts';

/** Who is calling, as the data path and the translations need it. */
export type Callers = {
  readonly source: IdentitySource;
  /**
   * Null: the monolith knows no such caller. Undefined: it could not be asked. Rejects when the signal says so.
   * `audience`: a carve-out's name.
   */
  accountOf(head: RequestHead, audience: string, signal: AbortSignal): Promise<string | null | undefined>;
  /** A request that the monolith had may have changed who its caller is. */
  onForwarded(exchange: Exchange, context: RequestContext): void;
  start(): Promise<void>;
  stop(): void;
};

export type CallersParts = {
  readonly identity: IdentityConfig | undefined;
  readonly monolith: { readonly url: string; readonly ca?: string };
  readonly now: () => number;
  readonly monotonicMs: () => number;
  readonly logger: Logger;
};

/** Makes the identities of the configuration; it has them wherever something is carved out. */
export async function createCallers(parts: CallersParts): Promise<Callers> {
  const { identity, logger } = parts;
  if (identity === undefined) throw new Error('what is carved out needs to know who is calling');
  const { ring, faults } = await openKeyRing({
    setting: identity.keys,
    onRotated: (kid) => logger.info({ kid }, 'identities are signed with another key'),
    onFault: (wrong) => logger.error({ faults: wrong }, 'the file of identity keys cannot be used'),
  });
  if (ring === undefined) throw new Error(`BANYAN_IDENTITY_KEYS: ${faults.join('; ')}`);
  const { redisUrl } = identity;
  const running = createIdentity({
    ...parts,
    adapter: identity.adapter,
    keyRing: ring,
    ...(redisUrl === undefined ? {} : { redisUrl }),
  });
  return {
    source: running,
    accountOf: async (head, audience, signal) => {
      const caller = await running.identify({ headers: new HeadFields(head), audience }, signal);
      if (caller.kind === 'unavailable') return undefined;
      return caller.kind === 'known' ? caller.identity.account : null;
    },
    onForwarded: ({ head, status }, { operation, method, target }) => {
      const request = { operationId: operation?.operationId, method, target };
      running.onOperationEnd(request, () => new HeadFields(head), status === 0 ? undefined : status);
    },
    start: running.start,
    stop: running.stop,
  };
}

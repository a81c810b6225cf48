import type { LastFlip } from '@banyan/openapi/generated/admin';
import type { Flags } from '../rollout/flags.ts';

/** How each read's flag was last changed, by operationId. */
export type LastFlips = { read(): Promise<ReadonlyMap<string, LastFlip>> };

const PAGE = 200;
const PAGES_MAX = 5;

/**
 * Learns from the audit who last changed what: when the version has changed, what is new since. An operation that was
 * last changed before the last thousand entries is not found. What cannot be read now is read at the next question.
 */
export function createLastFlips(flags: Pick<Flags, 'audit' | 'snapshot'>): LastFlips {
  const known = new Map<string, LastFlip>();
  let knownVersion = -1;
  let reading: Promise<void> | undefined;

  const learn = async (): Promise<void> => {
    const { version } = flags.snapshot();
    if (version === knownVersion) return;
    const found = new Map<string, LastFlip>();
    let before: string | undefined;
    for (let page = 0; page < PAGES_MAX; page += 1) {
      const { entries } = await flags.audit({ limit: PAGE, ...(before === undefined ? {} : { before }) });
      for (const { at, by, reason, version: made, to } of entries) {
        if (made === null) continue;
        for (const operationId of Object.keys(to)) {
          if (!found.has(operationId)) found.set(operationId, { at, by, reason, version: made });
        }
      }
      const oldest = entries.at(-1);
      if (entries.length < PAGE || (oldest?.version ?? Number.MAX_VALUE) <= knownVersion) break;
      before = oldest?.id;
    }
    for (const [operationId, flip] of found) known.set(operationId, flip);
    knownVersion = version;
  };

  return {
    read: async () => {
      reading ??= learn()
        .catch(() => {
          // The rest of a route is not kept back by an audit that cannot be read: `GET /audit` says why it cannot.
        })
        .finally(() => {
          reading = undefined;
        });
      await reading;
      return known;
    },
  };
}

import type { HeadEdits } from '../datapath/head-edits.ts';
import { signJws, verifyJws } from '../keys/jws.ts';
import { openKeyRing } from '../keys/key-ring.ts';
import type { Override, Side } from '../rollout/override.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { RequestHead } from '../wire/request-head.ts';
import { OVERRIDE_LIFETIME_MAX_MS, parseClaims } from './override-claims.ts';
import { findOverride, mayCarryOverride, overrideEdits } from './override-fields.ts';
import type { OverrideNames } from './override-names.ts';

export { OVERRIDE_LIFETIME_MAX_MS } from './override-claims.ts';
export { CLEAR_OVERRIDE_COOKIE, OVERRIDE_COOKIE, OVERRIDE_HEADER } from './override-fields.ts';

export type ReadOverride =
  | { readonly kind: 'none' }
  | { readonly kind: 'valid'; readonly override: Override }
  /** `detail`: a sentence for whoever sent it, which shows nothing of the token. */
  | { readonly kind: 'invalid'; readonly detail: string };

/** What an override is to say. */
export type OverrideWish = {
  readonly sides: Readonly<Record<string, Side>>;
  readonly account?: string;
  /** At least a second, at most OVERRIDE_LIFETIME_MAX_MS. */
  readonly expiresInMs: number;
};

/** Overrides, made and read. Whether what they ask for is legal is the decision's to say. */
export type Overrides = {
  /** Header before cookie. Costs nothing where the request has neither. */
  read(head: RequestHead): ReadOverride;
  /**
   * What keeps an override, valid or not, from everything behind the decision. Undefined where there is none; costs
   * nothing where the request has neither header nor cookie.
   */
  editsOf(head: RequestHead): HeadEdits | undefined;
  /** Throws a RangeError that says which bound the wish is beyond. */
  mint(wish: OverrideWish): { readonly token: string; readonly override: Override };
  /** As in OverrideNames. */
  carveOutOf(operationId: string): string | undefined;
  stop(): void;
};

export type OverridesParts = {
  /** As in BANYAN_OVERRIDE_KEYS. */
  readonly setting: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Unique among all replicas. */
  readonly newId: () => string;
  readonly logger: Logger;
  /** What the overrides that are read may name. Default: anything, of no carve-out. What is minted is not judged by it. */
  readonly names?: OverrideNames;
};

/** A browser keeps no larger cookie. */
const TOKEN_CHARACTERS_MAX = 4_000;
/** Verified tokens that are remembered: the thousands of requests of a test suite carry a few. */
const REMEMBERED_MAX = 1_000;
const NONE: ReadOverride = Object.freeze({ kind: 'none' });

/** Opens the keys; rejects with all that is wrong with them. */
export async function createOverrides({
  setting,
  now,
  newId,
  logger,
  names,
}: OverridesParts): Promise<Overrides> {
  const { ring, faults } = await openKeyRing({
    setting,
    onRotated: (kid) => logger.info({ kid }, 'overrides are signed with another key'),
    onFault: (wrong) => logger.error({ faults: wrong }, 'the file of override keys cannot be used'),
  });
  if (ring === undefined) throw new Error(`BANYAN_OVERRIDE_KEYS: ${faults.join('; ')}`);
  let keys = ring.keys();
  /** By token. What is here has been verified by `keys`. */
  const remembered = new Map<string, ReadOverride & { readonly kind: 'valid' }>();

  const verify = (token: string): (ReadOverride & { readonly kind: 'valid' }) | string => {
    if (token.length > TOKEN_CHARACTERS_MAX) return `has more than ${TOKEN_CHARACTERS_MAX} characters`;
    const { claims, fault } = verifyJws(token, keys);
    if (claims === undefined) return fault;
    const parsed = parseClaims(claims, now());
    if (parsed.override === undefined) return parsed.fault;
    return names?.faultOf(parsed.override.sides) ?? { kind: 'valid', override: parsed.override };
  };

  return {
    read: (head) => {
      if (!mayCarryOverride(head)) return NONE;
      const found = findOverride(head);
      if (found === undefined) return NONE;
      if (found.fault !== undefined) return invalid(found.where, found.fault);
      if (keys !== ring.keys()) {
        keys = ring.keys();
        remembered.clear();
      }
      const { where, text } = found;
      const known = remembered.get(text);
      const verified = known ?? verify(text);
      if (typeof verified === 'string') return invalid(where, verified);
      const { expiresAtMs } = verified.override;
      if (now() >= expiresAtMs) {
        remembered.delete(text);
        return invalid(where, `ended at ${new Date(expiresAtMs).toISOString()}`);
      }
      if (known === undefined) {
        const [oldest] = remembered.size >= REMEMBERED_MAX ? remembered.keys() : [];
        if (oldest !== undefined) remembered.delete(oldest);
        remembered.set(text, verified);
      }
      return verified;
    },
    editsOf: overrideEdits,
    mint: ({ sides, account, expiresInMs }) => {
      if (!(expiresInMs >= 1_000 && expiresInMs <= OVERRIDE_LIFETIME_MAX_MS)) {
        throw new RangeError(
          `an override must live from 1 second to ${OVERRIDE_LIFETIME_MAX_MS / 1_000} seconds`,
        );
      }
      const nowMs = now();
      const iat = Math.floor(nowMs / 1_000);
      const exp = Math.ceil((nowMs + expiresInMs) / 1_000);
      const claims = { jti: newId(), iat, exp, sides, ...(account === undefined ? {} : { sub: account }) };
      const { override, fault } = parseClaims(claims, nowMs);
      if (override === undefined) throw new RangeError(`an override ${fault}`);
      const token = signJws(claims, ring.signing());
      if (token.length > TOKEN_CHARACTERS_MAX) {
        throw new RangeError('an override must be shorter: name fewer operations, or carve-outs as a whole');
      }
      return { token, override };
    },
    carveOutOf: (operationId) => names?.carveOutOf(operationId),
    stop: ring.stop,
  };
}

function invalid(where: string, fault: string): ReadOverride {
  return { kind: 'invalid', detail: `The override in the ${where} ${fault}.` };
}

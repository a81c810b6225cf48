import { createHmac, timingSafeEqual } from 'node:crypto';
import { type RpcError, refuse } from './errors.ts';
import type { IdentityKeys } from './identity-keys.ts';

export {
  createIdentityKeys,
  type IdentityKey,
  type IdentityKeys,
  parseIdentityKeys,
} from './identity-keys.ts';

/** The metadata key that carries it. */
export const IDENTITY_KEY = 'banyan-identity';

const ROLES = ['customer', 'agent', 'accountant', 'partner'] as const;
const MEANS = ['session', 'api_key'] as const;

/** Whose call it is, as the gateway vouches for it. */
export type Identity = {
  readonly accountId: bigint;
  readonly role: (typeof ROLES)[number];
  readonly name: string;
  readonly via: (typeof MEANS)[number];
};

export type IdentityVerifier = {
  /** Throws an `RpcError` UNAUTHENTICATED whose reason says what is wrong with it. */
  verify(token: string): Identity;
};

const SKEW_SECONDS = 5;
const TOKEN_CHARACTERS_MAX = 4_096;
const CACHE_ENTRIES_MAX = 10_000;
const COMPACT_JWS = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)$/;
const ACCOUNT_ID = /^[1-9]\d{0,18}$/;
const INT64_MAX = 2n ** 63n - 1n;

type Verified = {
  readonly identity: Identity;
  readonly secret: Buffer;
  readonly keyId: string;
  readonly issuedAt: number;
  readonly expiresAt: number;
};

/**
 * Verifies compact JWS (RFC 7515) signed with HMAC SHA-256, for one audience. A verified token is remembered, up to
 * a bound; its times and its key are looked at on every call.
 */
export function createIdentityVerifier(options: {
  readonly keys: IdentityKeys;
  readonly audience: string;
  readonly now: () => Date;
  readonly cacheEntriesMax?: number;
}): IdentityVerifier {
  const { keys, audience, now, cacheEntriesMax = CACHE_ENTRIES_MAX } = options;
  const remembered = new Map<string, Verified>();

  const remember = (token: string, verified: Verified): void => {
    if (remembered.size >= cacheEntriesMax) {
      // The oldest: tokens live for a minute, so it is the nearest to its end.
      const [oldest] = remembered.keys();
      if (oldest !== undefined) remembered.delete(oldest);
    }
    remembered.set(token, verified);
  };

  return {
    verify(token) {
      const seconds = now().getTime() / 1_000;
      const inForce = keys.current();
      const known = remembered.get(token);
      if (known) {
        const isKeyInForce = inForce.some(
          ({ id, secret }) => id === known.keyId && (secret === known.secret || secret.equals(known.secret)),
        );
        if (isKeyInForce && isCurrent(known, seconds)) return known.identity;
        remembered.delete(token);
      }
      const verified = verifySignature(token, inForce, audience);
      if (!isCurrent(verified, seconds)) throw refuseIdentity('IDENTITY_EXPIRED');
      remember(token, verified);
      return verified.identity;
    },
  };
}

function isCurrent({ issuedAt, expiresAt }: Verified, seconds: number): boolean {
  return seconds < expiresAt + SKEW_SECONDS && issuedAt <= seconds + SKEW_SECONDS;
}

function verifySignature(
  token: string,
  keys: ReturnType<IdentityKeys['current']>,
  audience: string,
): Verified {
  const parts = token.length <= TOKEN_CHARACTERS_MAX ? COMPACT_JWS.exec(token) : null;
  if (!parts) throw refuseIdentity('IDENTITY_MALFORMED');
  const [, head = '', body = '', signature = ''] = parts;
  const header = parsePart(head);
  // Only this algorithm, whatever the token would like; and no extension that one must understand.
  if (header.alg !== 'HS256' || 'crit' in header) throw refuseIdentity('IDENTITY_MALFORMED');
  const key = keys.find(({ id }) => id === header.kid);
  if (!key) throw refuseIdentity('IDENTITY_KEY_UNKNOWN');
  const expected = createHmac('sha256', key.secret).update(`${head}.${body}`).digest();
  const given = Buffer.from(signature, 'base64url');
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw refuseIdentity('IDENTITY_FORGED');
  }
  const claims = parsePart(body);
  if (claims.aud !== audience) throw refuseIdentity('IDENTITY_FOR_ANOTHER');
  return { ...readClaims(claims), secret: key.secret, keyId: key.id };
}

type Json = Readonly<Record<string, unknown>>;

function parsePart(encoded: string): Json {
  try {
    const value: unknown = JSON.parse(Buffer.from(encoded, 'base64url').toString('utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Json;
  } catch (error) {
    throw refuseIdentity('IDENTITY_MALFORMED', error);
  }
  throw refuseIdentity('IDENTITY_MALFORMED');
}

function readClaims({ sub, role, name, via, iat, exp }: Json): Omit<Verified, 'secret' | 'keyId'> {
  const accountId = typeof sub === 'string' && ACCOUNT_ID.test(sub) ? BigInt(sub) : null;
  const knownRole = ROLES.find((each) => each === role);
  const knownMeans = MEANS.find((each) => each === via);
  if (accountId === null || accountId > INT64_MAX || !knownRole || !knownMeans || typeof name !== 'string') {
    throw refuseIdentity('IDENTITY_MALFORMED');
  }
  if (typeof iat !== 'number' || typeof exp !== 'number' || !Number.isFinite(iat) || !Number.isFinite(exp)) {
    throw refuseIdentity('IDENTITY_MALFORMED');
  }
  const identity = Object.freeze({ accountId, role: knownRole, name, via: knownMeans });
  return { identity, issuedAt: iat, expiresAt: exp };
}

export function refuseIdentity(reason: string, cause?: unknown): RpcError {
  return refuse('UNAUTHENTICATED', reason, { message: 'no valid identity', cause });
}

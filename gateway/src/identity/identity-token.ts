import type { Identity } from '../carve-out/identity.ts';
import { signJws } from '../keys/jws.ts';
import type { SigningKey } from '../keys/signing-keys.ts';

/** The one metadata key that carries who is calling. Services trust nothing else. */
export const IDENTITY_METADATA_KEY = 'banyan-identity';

export const TOKEN_LIFETIME_SECONDS = 60;

export type SignedIdentity = {
  readonly token: string;
  readonly issuedAt: number;
  readonly key: SigningKey;
};

/** A JWS that says to one audience who is calling. */
export function signIdentity(
  { account, role, name, via }: Identity,
  audience: string,
  key: SigningKey,
  nowMs: number,
): SignedIdentity {
  const issuedAt = Math.floor(nowMs / 1_000);
  const exp = issuedAt + TOKEN_LIFETIME_SECONDS;
  const claims = { aud: audience, sub: account, role, name, via, iat: issuedAt, exp };
  return { token: signJws(claims, key), issuedAt, key };
}

/** Whether it may be sent again: of the key that signs now, and at least half of its life before it. */
export function isStillGood(signed: SignedIdentity, key: SigningKey, nowMs: number): boolean {
  const age = nowMs / 1_000 - signed.issuedAt;
  return signed.key === key && age >= 0 && age < TOKEN_LIFETIME_SECONDS / 2;
}

/**
 * All the metadata about the caller that a call to a service carries. It is made from what the monolith said and from
 * nothing that the client sent, whatever its headers are called.
 */
export function identityMetadata(token: string): readonly (readonly [string, string])[] {
  return [[IDENTITY_METADATA_KEY, token]];
}

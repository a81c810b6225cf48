import { createHmac } from 'node:crypto';
import type { Identity, IdentityKey } from '../identity.ts';

/** For tests of services: what the gateway makes. */

export const TEST_KEY: IdentityKey = { id: 'test', secret: Buffer.alloc(32, 'secret of the tests') };
export const TEST_KEYS_TEXT = `${TEST_KEY.id}:${TEST_KEY.secret.toString('base64url')}`;

export type SignOptions = {
  readonly audience: string;
  readonly now: Date;
  readonly key?: IdentityKey;
  readonly lifetimeSeconds?: number;
  /** Instead of what would be right, for tests of what is wrong. */
  readonly header?: Readonly<Record<string, unknown>>;
  readonly claims?: Readonly<Record<string, unknown>>;
};

export function signIdentity(identity: Identity, options: SignOptions): string {
  const { audience, now, key = TEST_KEY, lifetimeSeconds = 60 } = options;
  const iat = Math.floor(now.getTime() / 1_000);
  const head = encode({ alg: 'HS256', kid: key.id, ...options.header });
  const body = encode({
    aud: audience,
    sub: identity.accountId.toString(),
    role: identity.role,
    name: identity.name,
    via: identity.via,
    iat,
    exp: iat + lifetimeSeconds,
    ...options.claims,
  });
  const signature = createHmac('sha256', key.secret).update(`${head}.${body}`).digest('base64url');
  return `${head}.${body}.${signature}`;
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

import { createHash, timingSafeEqual } from 'node:crypto';
import type { Metadata } from '@grpc/grpc-js';
import { refuse } from './errors.ts';
import { IDENTITY_KEY, type Identity, type IdentityVerifier, refuseIdentity } from './identity.ts';

/**
 * Who may call a service. 'user': whoever carries a signed identity. 'service': whoever knows the token that
 * services share. 'open': anybody.
 */
export type Access = 'user' | 'service' | 'open';

/** Decides on a call, by its metadata. Throws UNAUTHENTICATED. */
export type Doorkeeper = (access: Access, metadata: Metadata) => Identity | null;

const BEARER = /^Bearer +(.+)$/i;

export function createDoorkeeper(options: {
  readonly identity: IdentityVerifier | null;
  readonly serviceToken: string | null;
}): Doorkeeper {
  const expected = options.serviceToken === null ? null : digest(options.serviceToken);

  const isFromService = (metadata: Metadata): boolean => {
    const values = metadata.get('authorization');
    const given = values.length === 1 ? BEARER.exec(String(values[0]))?.[1] : undefined;
    // Digests, so that neither content nor length of the token shows in the time this takes.
    return expected !== null && given !== undefined && timingSafeEqual(digest(given), expected);
  };

  return (access, metadata) => {
    switch (access) {
      case 'open':
        return null;
      case 'service':
        if (isFromService(metadata)) return null;
        throw refuse('UNAUTHENTICATED', 'SERVICE_TOKEN_REQUIRED', { message: 'no valid service token' });
      case 'user': {
        const values = metadata.get(IDENTITY_KEY);
        // Two would leave it to chance which of them counts.
        if (values.length !== 1 || options.identity === null) throw refuseIdentity('IDENTITY_REQUIRED');
        return options.identity.verify(String(values[0]));
      }
      default:
        return access satisfies never;
    }
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

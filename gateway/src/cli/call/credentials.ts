import { Metadata } from '@grpc/grpc-js';
import { IDENTITY_METADATA_KEY, signIdentity } from '../../identity/identity-token.ts';
import { openKeyRing } from '../../keys/key-ring.ts';
import { type CommandContext, UsageError } from '../command.ts';
import type { CallAs } from './parse-call.ts';

/** What a call carries of who makes it. */
export async function credentialsFor(
  as: CallAs,
  audience: string,
  { env, err, wallClock }: CommandContext,
): Promise<Metadata> {
  const metadata = new Metadata();
  switch (as.kind) {
    case 'nobody':
      break;
    case 'service':
      if (!env.SERVICE_TOKEN) throw new UsageError('--service-token sends SERVICE_TOKEN, which is not set');
      metadata.set('authorization', `Bearer ${env.SERVICE_TOKEN}`);
      break;
    case 'token':
      metadata.set(IDENTITY_METADATA_KEY, as.token);
      break;
    case 'account': {
      const key = await signingKey(env.BANYAN_IDENTITY_KEYS);
      const identity = { account: as.account, role: as.role, name: 'banyan call', via: 'session' } as const;
      metadata.set(IDENTITY_METADATA_KEY, signIdentity(identity, audience, key, wallClock().getTime()).token);
      // The service cannot tell it from the account's own call; whoever called should.
      err.write(
        `banyan call: signed by key ${key.kid} as account ${as.account} (${as.role}) for ${audience}: ` +
          'an operator acts in its name\n',
      );
      break;
    }
    default:
      as satisfies never;
  }
  return metadata;
}

async function signingKey(setting: string | undefined) {
  if (!setting) throw new UsageError('--as signs with BANYAN_IDENTITY_KEYS, which is not set');
  const { ring, faults } = await openKeyRing({ setting, onRotated: () => {}, onFault: () => {} });
  if (faults !== undefined) throw new UsageError(`BANYAN_IDENTITY_KEYS ${faults.join('; ')}`);
  ring.stop();
  return ring.signing();
}

import { followStream } from './follow-stream.ts';
import type { ServiceChannel } from './service-channel.ts';
import { readMessage } from './wire-messages.ts';

/** `away`: it cannot be asked. */
export type ServingState = 'serving' | 'not-serving' | 'away';

const SERVING = 1;

/** Follows what the service says of itself (grpc.health.v1). What is returned ends it. */
export function watchHealth(channel: ServiceChannel, onState: (state: ServingState) => void): () => void {
  return followStream({
    channel,
    path: '/grpc.health.v1.Health/Watch',
    request: Buffer.alloc(0),
    decode: readHealth,
    onMessage: onState,
    onLost: () => onState('away'),
  });
}

export function readHealth(bytes: Uint8Array): ServingState {
  let status = 0;
  readMessage(bytes, (field, reader) => {
    if (field !== 1) return false;
    status = reader.int32();
    return true;
  });
  return status === SERVING ? 'serving' : 'not-serving';
}

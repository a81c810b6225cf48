import { Metadata, type MethodDefinition, status } from '@grpc/grpc-js';
import type { ServiceChannel } from './service-channel.ts';
import { type UnaryEnd, unaryCall } from './unary-call.ts';
import { readHealth, type ServingState } from './watch-health.ts';

const CHECK: MethodDefinition<null, ServingState> = {
  path: '/grpc.health.v1.Health/Check',
  requestStream: false,
  responseStream: false,
  requestSerialize: () => Buffer.alloc(0),
  requestDeserialize: () => null,
  responseSerialize: () => Buffer.alloc(0),
  responseDeserialize: readHealth,
};

/** Asks a service once whether it serves (grpc.health.v1), for `limitMs` at most. */
export async function checkHealth(channel: ServiceChannel, limitMs: number): Promise<boolean> {
  return (await askHealth(channel, limitMs)) === 'serving';
}

/**
 * What a service says of itself when it is asked once, for `limitMs` at most. One that does not know the question is
 * there, which is all that can be asked of it.
 */
export function askHealth({ client }: ServiceChannel, limitMs: number): Promise<ServingState> {
  return new Promise((resolve) => {
    let call: { cancel(): void } | undefined;
    // Cancelled, it ends as any other call does.
    const timer = setTimeout(() => call?.cancel(), limitMs);
    const end: UnaryEnd = (error, answer) => {
      clearTimeout(timer);
      if (error === null) resolve(answer as ServingState);
      else resolve(error.code === status.UNIMPLEMENTED ? 'serving' : 'away');
    };
    try {
      call = unaryCall(client, CHECK, null, new Metadata(), Number.POSITIVE_INFINITY, end);
    } catch {
      // The channel is closed: the gateway is stopping.
      clearTimeout(timer);
      resolve('away');
    }
  });
}

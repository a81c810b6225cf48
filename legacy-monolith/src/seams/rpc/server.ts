import { HealthService } from '@banyan/contracts/grpc/health/v1/health';
import { Server, ServerCredentials, type ServiceDefinition } from '@grpc/grpc-js';
import type { Logger } from 'pino';
import { pause } from '../../clock.ts';
import { RpcRefusal } from './errors.ts';
import { implement, type Served, type ServeParts, serve } from './serve.ts';

const MESSAGE_BYTES_MAX = 4_194_304;
const DRAIN_MS = 5000;
/** After a drain has cut calls off: for their statuses to leave. */
const LAST_WORDS_MS = 250;

export type SeamServer = {
  /** Port 0 picks a free one. */
  listen(port: number, host: string): Promise<number>;
  /** No new calls; those under way have some seconds to end. */
  stop(): Promise<void>;
};

/** The seam's gRPC server. Watches end when it stops; their callers come again. */
export function createSeamServer(options: {
  services: readonly Served[];
  token: string;
  logger: Logger;
  newId: () => string;
  drainMs?: number;
}): SeamServer {
  const { services, drainMs = DRAIN_MS, ...rest } = options;
  const stopping = new AbortController();
  const watching = new AbortController();
  const parts: ServeParts = { ...rest, stopping: stopping.signal, running: new Set() };
  const server = new Server({
    'grpc.max_receive_message_length': MESSAGE_BYTES_MAX,
    'grpc.max_send_message_length': MESSAGE_BYTES_MAX,
    'grpc.max_concurrent_streams': 1000,
    'grpc.keepalive_time_ms': 30_000,
    'grpc.keepalive_timeout_ms': 10_000,
    'grpc.keepalive_permit_without_calls': 1,
    'grpc.enable_channelz': 0,
  });
  const names = services.map(nameOf);
  for (const service of [...services, createHealth(names, watching.signal)]) {
    const entries = Object.entries(service.definition);
    const definition = entries.map(([name, method]) => [
      name,
      { ...method, requestDeserialize: asIs, responseSerialize: asIs },
    ]);
    const handlers = entries.map(([name, method]) => [name, serve(method, service, name, parts)]);
    server.addService(
      Object.fromEntries(definition) as ServiceDefinition,
      Object.fromEntries(handlers) as Parameters<Server['addService']>[1],
    );
  }
  let stopped: Promise<void> | undefined;

  const stop = async (): Promise<void> => {
    watching.abort();
    const closed = new Promise<void>((resolve) => {
      // Its error says that it never listened, which is as good as closed.
      server.tryShutdown(() => resolve());
    });
    const over = new AbortController();
    const isDrained = await Promise.race([
      closed.then(() => true),
      pause(drainMs, over.signal).then(() => false),
    ]);
    over.abort();
    if (!isDrained) {
      stopping.abort(new RpcRefusal('UNAVAILABLE', 'SERVER_STOPPING', { retryAfterSeconds: 1 }));
      await pause(LAST_WORDS_MS, new AbortController().signal);
      server.forceShutdown();
    }
    await Promise.allSettled([...parts.running]);
  };

  return {
    listen: (port, host) =>
      new Promise((resolve, reject) => {
        const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
        server.bindAsync(address, ServerCredentials.createInsecure(), (error, bound) => {
          if (error) reject(new Error(`cannot listen on ${address}`, { cause: error }));
          else resolve(bound);
        });
      }),
    stop: () => {
      stopped ??= stop();
      return stopped;
    },
  };
}

const asIs = (bytes: Buffer): Buffer => bytes;

function nameOf({ definition }: Served): string {
  return Object.values(definition)[0]?.path.split('/')[1] ?? '';
}

function createHealth(names: readonly string[], stopping: AbortSignal): Served {
  const statusOf = (service: string) => {
    if (service !== '' && !names.includes(service)) return null;
    return stopping.aborted ? 'NOT_SERVING' : 'SERVING';
  };
  return implement(HealthService, 'open', {
    async check({ service }) {
      const status = statusOf(service);
      if (status === null) throw new RpcRefusal('NOT_FOUND', 'SERVICE_UNKNOWN');
      return { status };
    },
    async *watch({ service }, { signal }) {
      yield { status: statusOf(service) ?? 'SERVICE_UNKNOWN' };
      await aborted(AbortSignal.any([signal, stopping]));
      yield { status: statusOf(service) ?? 'SERVICE_UNKNOWN' };
    },
  });
}

/** Resolves when the signal is given. */
export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

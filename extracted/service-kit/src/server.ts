import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Server, ServerCredentials, type ServiceDefinition } from '@grpc/grpc-js';
import { createDoorkeeper } from './access.ts';
import { within } from './backoff.ts';
import type { ServerEnvironment, ServerLimits } from './call.ts';
import { type ServedService, serverStream, unary } from './handlers.ts';
import { createHealth, type Health } from './health.ts';
import type { IdentityVerifier } from './identity.ts';
import type { Logger } from './logger.ts';
import type { Metrics } from './metrics.ts';
import { addReflection, REFLECTION_SERVICES } from './reflection.ts';
import type { Tracing } from './tracing.ts';

export type { ServerLimits } from './call.ts';
export { implement, type ServedService } from './handlers.ts';
export type { Health, ServingStatus } from './health.ts';

export const MESSAGE_BYTES_MAX = 4_194_304;

export const DEFAULT_LIMITS: ServerLimits = {
  messageBytesMax: MESSAGE_BYTES_MAX,
  unaryDeadlineMs: 30_000,
  streamDeadlineMs: 600_000,
  drainMs: 30_000,
  connectionAgeMs: 300_000,
};

const CONCURRENT_STREAMS_MAX = 1_000;
const SESSION_MEMORY_MIB_MAX = 64;
const KEEPALIVE = { timeMs: 30_000, timeoutMs: 10_000 } as const;
/** After a drain has cut calls off: for their statuses to leave. */
const LAST_WORDS_MS = 250;

export type GrpcServer = {
  readonly health: Health;
  /** Port 0 picks a free one. */
  listen(address: { readonly port: number; readonly host: string }): Promise<{ port: number }>;
  /**
   * NOT_SERVING, no new connections and calls, and those under way have `drainMs` to end; then they are cut off with
   * UNAVAILABLE. Idempotent.
   */
  stop(): Promise<void>;
};

export type GrpcServerOptions = {
  readonly services: readonly ServedService[];
  /** Null where no service is for users. */
  readonly identity: IdentityVerifier | null;
  /** Null: every call to a service for services is refused. */
  readonly serviceToken: string | null;
  readonly logger: Logger;
  readonly metrics?: Metrics;
  readonly tracing?: Tracing | null;
  readonly now: () => Date;
  readonly newId: () => string;
  readonly limits?: Partial<ServerLimits>;
  /** A FileDescriptorSet for reflection; by default that of all contracts. */
  readonly descriptors?: Uint8Array;
};

export function createGrpcServer(options: GrpcServerOptions): GrpcServer {
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const draining = new AbortController();
  const environment: ServerEnvironment = {
    limits,
    logger: options.logger,
    metrics: options.metrics ?? null,
    tracing: options.tracing ?? null,
    now: options.now,
    newId: options.newId,
    admit: createDoorkeeper(options),
    draining: draining.signal,
    open: new Set(),
    running: new Set(),
  };
  const health = createHealth(options.services.map(({ name }) => name));
  const server = new Server(channelOptions(limits));
  const services = [...options.services, health.service];
  for (const service of services) addService(server, service, environment);
  addReflection(server, {
    descriptorSet: options.descriptors ?? contractDescriptors(),
    services: [...services.map(({ name }) => name), ...REFLECTION_SERVICES],
  });
  let stopped: Promise<void> | undefined;

  const stop = async (): Promise<void> => {
    health.drain();
    draining.abort();
    const closed = new Promise<void>((resolve) => {
      // Its error says that it never listened, which is as good as closed.
      server.tryShutdown(() => resolve());
    });
    const handled = closed.then(() => settled(environment.running));
    const isDrained = await within(handled, limits.drainMs);
    if (!isDrained) {
      options.logger.warn({ calls: environment.open.size }, 'the drain ran out of time: calls are cut off');
      for (const call of environment.open) call.cutOff();
      await within(handled, LAST_WORDS_MS);
      server.forceShutdown();
    }
  };

  return {
    health,
    listen: ({ port, host }) =>
      new Promise((resolve, reject) => {
        server.bindAsync(hostPort(host, port), ServerCredentials.createInsecure(), (error, bound) => {
          if (error) reject(new Error(`cannot listen on ${host}:${port}`, { cause: error }));
          else resolve({ port: bound });
        });
      }),
    stop: () => {
      stopped ??= stop();
      return stopped;
    },
  };
}

function addService(server: Server, service: ServedService, environment: ServerEnvironment): void {
  const definition: Record<string, object> = {};
  const implementation: Record<string, unknown> = {};
  for (const [name, method] of Object.entries(service.definition)) {
    const handle = service.handlers[name];
    if (!handle || method.requestStream) throw new Error(`${method.path} has no handler that can be served`);
    // Bytes in and out: reading and writing messages is done where its failures can be answered.
    definition[name] = { ...method, requestDeserialize: asIs, responseSerialize: asIs };
    const make = method.responseStream ? serverStream : unary;
    implementation[name] = make(method, service, handle, environment);
  }
  server.addService(definition as ServiceDefinition, implementation as never);
}

const asIs = (bytes: Buffer): Buffer => bytes;

function channelOptions(limits: ServerLimits) {
  return {
    'grpc.max_receive_message_length': limits.messageBytesMax,
    // Checked before, with an answer that says what is wrong.
    'grpc.max_send_message_length': -1,
    'grpc.max_concurrent_streams': CONCURRENT_STREAMS_MAX,
    'grpc.max_connection_age_ms': limits.connectionAgeMs,
    'grpc.max_connection_age_grace_ms': limits.streamDeadlineMs,
    'grpc.keepalive_time_ms': KEEPALIVE.timeMs,
    'grpc.keepalive_timeout_ms': KEEPALIVE.timeoutMs,
    'grpc.keepalive_permit_without_calls': 1,
    'grpc-node.max_session_memory': SESSION_MEMORY_MIB_MAX,
    'grpc.enable_channelz': 0,
  };
}

function hostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

async function settled(running: Set<Promise<void>>): Promise<void> {
  while (running.size > 0) await Promise.allSettled(running);
}

function contractDescriptors(): Uint8Array {
  return readFileSync(fileURLToPath(import.meta.resolve('@banyan/contracts/descriptors.binpb')));
}

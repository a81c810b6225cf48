import {
  type Client,
  type ClientOptions,
  type ClientReadableStream,
  credentials,
  Metadata,
  type ServiceError,
} from '@grpc/grpc-js';
import { readRefusal } from './errors.ts';
import type { Definition, RequestOf, ResponseOf } from './serve.ts';

export type CallOptions = { deadlineMs?: number; signal?: AbortSignal };

/** The methods of a generated definition as promises, and as async iterables where they stream. */
export type Api<D extends Definition> = {
  readonly [M in keyof D]: D[M] extends { responseStream: true }
    ? (request: RequestOf<D[M]>, options?: CallOptions) => AsyncIterable<ResponseOf<D[M]>>
    : (request: RequestOf<D[M]>, options?: CallOptions) => Promise<ResponseOf<D[M]>>;
};

export type SeamClient<D extends Definition> = { api: Api<D>; close(): void };

type Constructor<D extends Definition> = {
  new (
    address: string,
    channel: ReturnType<typeof credentials.createInsecure>,
    options?: ClientOptions,
  ): Client;
  readonly service: D;
};

const UNARY_MS = 5000;
const STREAM_MS = 86_400_000;
const CHANNEL: ClientOptions = {
  'grpc.service_config': JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] }),
  'grpc.service_config_disable_resolution': 1,
  // A service that moves is found again within seconds; half a minute is the default.
  'grpc.dns_min_time_between_resolutions_ms': 1000,
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 2000,
  'grpc.keepalive_time_ms': 30_000,
  'grpc.keepalive_timeout_ms': 10_000,
  'grpc.max_receive_message_length': 4_194_304,
  'grpc.enable_http_proxy': 0,
  'grpc.enable_channelz': 0,
};

/** A client of a service, which is not connected before its first call. Failures are `RemoteRefusal`s. */
export function createSeamClient<D extends Definition>(
  Ctor: Constructor<D>,
  target: string,
  token: string,
): SeamClient<D> {
  const client = new Ctor(target, credentials.createInsecure(), CHANNEL);
  const metadata = (): Metadata => {
    const sent = new Metadata();
    sent.set('authorization', `Bearer ${token}`);
    return sent;
  };
  // Deadlines of gRPC are of the machine's clock, whatever clock this process lives by.
  const deadlineIn = (ms: number): number => Date.now() + ms;
  const api: Record<string, unknown> = {};
  for (const [name, { path, responseStream, requestSerialize, responseDeserialize }] of Object.entries(
    Ctor.service,
  )) {
    api[name] = responseStream
      ? (request: unknown, { deadlineMs = STREAM_MS, signal }: CallOptions = {}) =>
          readStream(
            client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, request, metadata(), {
              deadline: deadlineIn(deadlineMs),
            }),
            path,
            signal,
          )
      : (request: unknown, { deadlineMs = UNARY_MS, signal }: CallOptions = {}) =>
          new Promise((resolve, reject) => {
            const call = client.makeUnaryRequest(
              path,
              requestSerialize,
              responseDeserialize,
              request,
              metadata(),
              { deadline: deadlineIn(deadlineMs) },
              (error: ServiceError | null, response) => {
                signal?.removeEventListener('abort', cancel);
                if (error) reject(readRefusal(error, path));
                else resolve(response);
              },
            );
            const cancel = (): void => call.cancel();
            if (signal?.aborted) cancel();
            else signal?.addEventListener('abort', cancel, { once: true });
          });
  }
  return { api: api as Api<D>, close: () => client.close() };
}

async function* readStream<T>(
  stream: ClientReadableStream<T>,
  path: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<T> {
  const cancel = (): void => stream.cancel();
  if (signal?.aborted) cancel();
  else signal?.addEventListener('abort', cancel, { once: true });
  try {
    for await (const message of stream as AsyncIterable<T>) yield message;
  } catch (error) {
    throw readRefusal(error, path);
  } finally {
    signal?.removeEventListener('abort', cancel);
    // Whoever leaves the loop early wants no more, and does not want to hear so either.
    stream.on('error', () => {});
    stream.cancel();
  }
}

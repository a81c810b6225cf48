import {
  type Client,
  type ClientOptions,
  type ClientReadableStream,
  credentials,
  Metadata,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import { pause } from './backoff.ts';
import { RemoteError, readRemoteError } from './errors.ts';
import type { Definition, RequestOf, ResponseOf } from './handlers.ts';
import { IDENTITY_KEY } from './identity.ts';
import type { CallSpan, Tracing } from './tracing.ts';

export { RemoteError } from './errors.ts';

export type CallOptions = {
  /** The call on whose behalf this one is: ends with it, and never has more time than it. */
  readonly within?: { readonly signal: AbortSignal; readonly deadline: Date };
  readonly signal?: AbortSignal;
  readonly deadlineMs?: number;
  /** A signed identity to pass on. */
  readonly identity?: string;
  readonly metadata?: Readonly<Record<string, string>>;
};

/** The methods of a generated definition as promises, and as async iterables where they stream. */
export type PromiseApi<D extends Definition> = {
  readonly [M in keyof D]: D[M] extends { responseStream: true }
    ? (request: RequestOf<D[M]>, options?: CallOptions) => AsyncIterable<ResponseOf<D[M]>>
    : (request: RequestOf<D[M]>, options?: CallOptions) => Promise<ResponseOf<D[M]>>;
};

export type ServiceClient<D extends Definition> = {
  readonly api: PromiseApi<D>;
  /** Lets calls under way end, for so long as they may take at most, then closes the channel. */
  close(): Promise<void>;
};

export type ServiceClientOptions = {
  /** The token that services share. */
  readonly token?: string;
  readonly deadlineMs?: number;
  readonly streamDeadlineMs?: number;
  readonly messageBytesMax?: number;
  readonly tracing?: Tracing | null;
  readonly now?: () => Date;
};

type ClientConstructor<D extends Definition> = {
  new (
    address: string,
    channel: ReturnType<typeof credentials.createInsecure>,
    options?: ClientOptions,
  ): Client;
  readonly service: D;
};

const DEADLINE_MS = 5_000;
const STREAM_DEADLINE_MS = 600_000;
const MESSAGE_BYTES_MAX = 4_194_304;
const CLOSE_MS_MAX = 10_000;

/**
 * A client of a generated service over one channel, which spreads calls over all addresses of the target. Failures
 * are `RemoteError`s. No call is made twice: the one repetition that grpc-js makes is of calls that the peer is sure
 * not to have begun (it was going away), without which a rolling restart would fail requests.
 */
export function createServiceClient<D extends Definition>(
  Ctor: ClientConstructor<D>,
  target: string,
  options: ServiceClientOptions = {},
): ServiceClient<D> {
  const settings = { deadlineMs: DEADLINE_MS, streamDeadlineMs: STREAM_DEADLINE_MS, ...options };
  const now = options.now ?? (() => new Date());
  const client = new Ctor(target, credentials.createInsecure(), channelOptions(options));
  const underWay = new Set<Promise<unknown>>();
  let isClosed = false;

  const prepare = (path: string, call: CallOptions, mostMs: number) => {
    if (isClosed) throw new RemoteError('UNAVAILABLE', path, { message: 'the client is closed' });
    const signals = [call.signal, call.within?.signal].filter((signal) => signal !== undefined);
    for (const signal of signals) {
      if (signal.aborted) throw new RemoteError('CANCELLED', path, { cause: signal.reason });
    }
    const own = now().getTime() + (call.deadlineMs ?? mostMs);
    const deadline = new Date(Math.min(own, call.within?.deadline.getTime() ?? own));
    const metadata = metadataOf(call, options.token);
    return { signals, deadline, metadata, span: options.tracing?.sent(path, metadata) };
  };

  const keep = <T>(work: Promise<T>): Promise<T> => {
    underWay.add(work);
    const forget = (): void => void underWay.delete(work);
    work.then(forget, forget);
    return work;
  };

  const api: Record<string, unknown> = {};
  for (const [name, method] of Object.entries(Ctor.service)) {
    const { path, requestSerialize, responseDeserialize } = method;
    if (method.responseStream) {
      api[name] = (request: unknown, call: CallOptions = {}) => ({
        [Symbol.asyncIterator]: () => {
          const { signals, deadline, metadata, span } = prepare(path, call, settings.streamDeadlineMs);
          const stream = client.makeServerStreamRequest(
            path,
            requestSerialize,
            responseDeserialize,
            request,
            metadata,
            { deadline },
          );
          keep(new Promise((resolve) => stream.once('close', resolve)));
          return readStream(stream, path, signals, span);
        },
      });
      continue;
    }
    api[name] = async (request: unknown, call: CallOptions = {}) => {
      const { signals, deadline, metadata, span } = prepare(path, call, settings.deadlineMs);
      return keep(
        new Promise((resolve, reject) => {
          const running = client.makeUnaryRequest(
            path,
            requestSerialize,
            responseDeserialize,
            request,
            metadata,
            { deadline },
            (error: ServiceError | null, response) => {
              release();
              span?.end(codeOf(error));
              if (error) reject(readRemoteError(error, path));
              else resolve(response);
            },
          );
          const release = cancelOn(signals, () => running.cancel());
        }),
      );
    };
  }

  return {
    api: api as PromiseApi<D>,
    async close() {
      isClosed = true;
      const over = new AbortController();
      await Promise.race([Promise.allSettled([...underWay]), pause(CLOSE_MS_MAX, over.signal)]);
      over.abort();
      client.close();
    },
  };
}

async function* readStream<T>(
  stream: ClientReadableStream<T>,
  path: string,
  signals: readonly AbortSignal[],
  span: CallSpan | undefined,
): AsyncGenerator<T> {
  const release = cancelOn(signals, () => stream.cancel());
  try {
    for await (const message of stream as AsyncIterable<T>) yield message;
    span?.end('OK');
  } catch (error) {
    span?.end(codeOf(error as ServiceError));
    throw readRemoteError(error, path);
  } finally {
    release();
    // Whoever leaves the loop early wants no more; after the end neither does anything.
    span?.end('CANCELLED');
    stream.cancel();
    stream.on('error', ignoreCancelled);
  }
}

function codeOf(error: Partial<ServiceError> | null): string {
  return error === null ? 'OK' : (status[error.code ?? status.UNKNOWN] ?? 'UNKNOWN');
}

/** The error of a stream that was left, which says that it was left. */
function ignoreCancelled(): void {}

function cancelOn(signals: readonly AbortSignal[], cancel: () => void): () => void {
  for (const signal of signals) signal.addEventListener('abort', cancel, { once: true });
  return () => {
    for (const signal of signals) signal.removeEventListener('abort', cancel);
  };
}

function metadataOf({ identity, metadata }: CallOptions, token: string | undefined): Metadata {
  const sent = new Metadata();
  for (const [key, value] of Object.entries(metadata ?? {})) sent.set(key, value);
  if (token !== undefined) sent.set('authorization', `Bearer ${token}`);
  if (identity !== undefined) sent.set(IDENTITY_KEY, identity);
  return sent;
}

function channelOptions({ messageBytesMax = MESSAGE_BYTES_MAX }: ServiceClientOptions): ClientOptions {
  return {
    'grpc.service_config': JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] }),
    'grpc.service_config_disable_resolution': 1,
    // A service that moves is found again within seconds; half a minute is the default.
    'grpc.dns_min_time_between_resolutions_ms': 1_000,
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 2_000,
    'grpc.keepalive_time_ms': 30_000,
    'grpc.keepalive_timeout_ms': 10_000,
    'grpc.keepalive_permit_without_calls': 1,
    'grpc.max_receive_message_length': messageBytesMax,
    'grpc.max_send_message_length': messageBytesMax,
    'grpc.enable_http_proxy': 0,
    'grpc.enable_channelz': 0,
  };
}

import type {
  handleServerStreamingCall,
  handleUnaryCall,
  Metadata,
  MethodDefinition,
  ServerUnaryCall,
  ServerWritableStream,
} from '@grpc/grpc-js';
import type { Access } from './access.ts';
import { openCall, type RunningCall, type ServerEnvironment, type ServerLimits } from './call.ts';
import { refuse } from './errors.ts';
import type { Identity } from './identity.ts';
import type { Logger } from './logger.ts';

export type { Access } from './access.ts';

/** What a handler knows of its call beside the request. */
export type CallContext<A extends Access = Access> = {
  readonly identity: A extends 'user' ? Identity : null;
  /** Aborted at the deadline, when the caller has gone, and when a drain has run out of time. */
  readonly signal: AbortSignal;
  /** Aborted when the server begins to stop: a stream without an end of its own ends now. */
  readonly draining: AbortSignal;
  readonly deadline: Date;
  readonly logger: Logger;
  readonly metadata: Metadata;
  readonly callId: string;
  /** As in "/billing.v1.BillingService/GetInvoice". */
  readonly method: string;
  /** Of the job that the call is, where it is one: answered later, for whoever comes back for it. */
  readonly jobId?: string;
  /** How far a job is, for its owner to see; `total` 0 is not known. Costs nothing, however often it is said. */
  readonly progress?: (done: number, total: number) => void;
};

// biome-ignore lint/suspicious/noExplicitAny: definitions of every message type are told apart by inference alone
export type AnyMethod = MethodDefinition<any, any>;
export type Definition = Readonly<Record<string, AnyMethod>>;
export type RequestOf<M> = M extends { requestDeserialize: (value: Buffer) => infer R } ? R : never;
export type ResponseOf<M> = M extends { responseDeserialize: (value: Buffer) => infer R } ? R : never;

export type UnaryHandler<M, A extends Access> = (
  request: RequestOf<M>,
  context: CallContext<A>,
) => Promise<ResponseOf<M>> | ResponseOf<M>;

export type StreamHandler<M, A extends Access> = (
  request: RequestOf<M>,
  context: CallContext<A>,
) => AsyncIterable<ResponseOf<M>>;

/** A handler for every method of a generated service definition. */
export type HandlersOf<D extends Definition, A extends Access> = {
  readonly [M in keyof D]: D[M] extends { responseStream: true }
    ? StreamHandler<D[M], A>
    : UnaryHandler<D[M], A>;
};

export type ServedService = {
  readonly name: string;
  readonly definition: Definition;
  readonly access: Access;
  readonly handlers: Readonly<Record<string, (request: never, context: never) => unknown>>;
  readonly streamDeadlineMs?: number;
};

/**
 * Joins a generated definition, who may call it, and its handlers. `streamDeadlineMs` is for streams without an end
 * of their own, such as those that watch something.
 */
export function implement<D extends Definition, A extends Access>(
  definition: D,
  access: A,
  handlers: HandlersOf<D, A>,
  { streamDeadlineMs }: { readonly streamDeadlineMs?: number } = {},
): ServedService {
  const [first] = Object.values(definition);
  const name = first?.path.split('/')[1];
  if (name === undefined) throw new Error('a service without methods cannot be served');
  return {
    name,
    definition,
    access,
    handlers: handlers as unknown as ServedService['handlers'],
    ...(streamDeadlineMs === undefined ? {} : { streamDeadlineMs }),
  };
}

/** Messages that a stream has handed to the transport and that are not sent yet. */
const UNSENT_BYTES_MAX = 131_072;

/**
 * The handler that grpc-js calls, which gets and gives bytes: a request that cannot be read, an answer too large
 * and an answer that cannot be written are then ours to say. It answers exactly once, whatever `handle` does.
 */
export function unary(
  method: AnyMethod,
  service: ServedService,
  handle: (request: never, context: never) => unknown,
  environment: ServerEnvironment,
): handleUnaryCall<Buffer, Buffer> {
  return (transport: ServerUnaryCall<Buffer, Buffer>, respond) => {
    const call = openCall(method, service, transport, environment, environment.limits.unaryDeadlineMs);
    const fail = (error: unknown): void => {
      const status = call.fail(error);
      if (status) respond(status);
    };
    call.signal.addEventListener('abort', () => fail(call.signal.reason), { once: true });
    const answer = async (): Promise<Buffer> => {
      const request = readRequest(method, transport.request);
      return writeResponse(
        method,
        await handle(request as never, call.authorize() as never),
        environment.limits,
      );
    };
    call.track(
      call.run(answer).then((bytes) => {
        if (call.succeed()) respond(null, bytes);
      }, fail),
    );
  };
}

/**
 * As `unary`, for a stream of answers. The handler is asked for the next message only while the client keeps up, and
 * is closed (its `finally` runs) as soon as the call is over.
 */
export function serverStream(
  method: AnyMethod,
  service: ServedService,
  handle: (request: never, context: never) => unknown,
  environment: ServerEnvironment,
): handleServerStreamingCall<Buffer, Buffer> {
  return (transport: ServerWritableStream<Buffer, Buffer>) => {
    const deadlineMs = service.streamDeadlineMs ?? environment.limits.streamDeadlineMs;
    const call = openCall(method, service, transport, environment, deadlineMs);
    const fail = (error: unknown): void => {
      const status = call.fail(error);
      // grpc-js takes the status of a stream from its error; emitting it does not throw away what was written.
      if (status && !transport.cancelled) transport.emit('error', status);
    };
    call.signal.addEventListener('abort', () => fail(call.signal.reason), { once: true });
    const pump = async (): Promise<void> => {
      const request = readRequest(method, transport.request);
      const messages = handle(request as never, call.authorize() as never) as AsyncIterable<unknown>;
      await sendAll(method, messages, transport, call, environment);
    };
    call.track(
      call.run(pump).then(() => {
        if (call.succeed()) transport.end();
      }, fail),
    );
  };
}

async function sendAll(
  method: AnyMethod,
  messages: AsyncIterable<unknown>,
  transport: ServerWritableStream<Buffer, Buffer>,
  call: RunningCall,
  environment: ServerEnvironment,
): Promise<void> {
  const iterator = messages[Symbol.asyncIterator]();
  let isDone = false;
  let unsentBytes = 0;
  let wake: () => void = () => {};
  const abort = (): void => wake();
  call.signal.addEventListener('abort', abort, { once: true });
  try {
    for (;;) {
      const next = await iterator.next();
      isDone = next.done === true;
      if (isDone || call.signal.aborted) return;
      const bytes = writeResponse(method, next.value, environment.limits);
      unsentBytes += bytes.length;
      transport.write(bytes, () => {
        unsentBytes -= bytes.length;
        wake();
      });
      // grpc-js forgets the callback of a write on a call that is over, hence the signal beside it.
      while (unsentBytes > UNSENT_BYTES_MAX && !call.signal.aborted) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    }
  } catch (error) {
    isDone = true; // A generator that threw is closed.
    throw error;
  } finally {
    call.signal.removeEventListener('abort', abort);
    if (!isDone) await iterator.return?.();
  }
}

/** Throws REQUEST_MALFORMED. */
export function readRequest(method: AnyMethod, bytes: Buffer): unknown {
  try {
    return method.requestDeserialize(bytes);
  } catch (error) {
    throw refuse('INVALID_ARGUMENT', 'REQUEST_MALFORMED', {
      message: 'the request is no message of its type',
      cause: error,
    });
  }
}

/** Throws RESPONSE_TOO_LARGE. */
export function writeResponse(
  method: AnyMethod,
  response: unknown,
  { messageBytesMax }: Pick<ServerLimits, 'messageBytesMax'>,
): Buffer {
  const bytes = method.responseSerialize(response);
  if (bytes.length <= messageBytesMax) return bytes;
  throw refuse('RESOURCE_EXHAUSTED', 'RESPONSE_TOO_LARGE', {
    message: `the answer has ${bytes.length} bytes, ${messageBytesMax} are allowed`,
    metadata: { bytes: String(bytes.length), bytes_max: String(messageBytesMax) },
  });
}

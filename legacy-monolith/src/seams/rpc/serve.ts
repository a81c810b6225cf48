import { createHash, timingSafeEqual } from 'node:crypto';
import type {
  handleServerStreamingCall,
  handleUnaryCall,
  Metadata,
  MethodDefinition,
  UntypedHandleCall,
} from '@grpc/grpc-js';
import type { Logger } from 'pino';
import { RpcRefusal, wireStatusOf } from './errors.ts';

/** 'service': who knows the token that services share. 'open': anybody. */
export type Access = 'service' | 'open';

/** Aborted at the call's deadline, when its caller has gone, and when the server stops. */
export type CallContext = { signal: AbortSignal };

// biome-ignore lint/suspicious/noExplicitAny: definitions of every message type are told apart by inference alone
export type AnyMethod = MethodDefinition<any, any>;
export type Definition = Readonly<Record<string, AnyMethod>>;
export type RequestOf<M> = M extends { requestDeserialize: (value: Buffer) => infer R } ? R : never;
export type ResponseOf<M> = M extends { responseDeserialize: (value: Buffer) => infer R } ? R : never;

/** A handler for every method of a generated definition. */
export type HandlersOf<D extends Definition> = {
  readonly [M in keyof D]: D[M] extends { responseStream: true }
    ? (request: RequestOf<D[M]>, context: CallContext) => AsyncIterable<ResponseOf<D[M]>>
    : (request: RequestOf<D[M]>, context: CallContext) => Promise<ResponseOf<D[M]>>;
};

export type Served = {
  definition: Definition;
  access: Access;
  handlers: Readonly<Record<string, (request: never, context: CallContext) => unknown>>;
};

export function implement<D extends Definition>(
  definition: D,
  access: Access,
  handlers: HandlersOf<D>,
): Served {
  return { definition, access, handlers: handlers as unknown as Served['handlers'] };
}

export type ServeParts = {
  token: string;
  logger: Logger;
  newId: () => string;
  /** Aborted when the server stops. */
  stopping: AbortSignal;
  /** Handlers that have not returned. */
  running: Set<Promise<void>>;
};

const UNARY_MS_MAX = 15_000;
/** A watch lasts a day at most; who watches begins again. */
const STREAM_MS_MAX = 86_400_000;
const UNSENT_BYTES_MAX = 131_072;

/**
 * What grpc-js calls for a method. It gets and gives bytes, so that a message that cannot be read or written is
 * answered as well; and it answers once, at the deadline at the latest, whatever the handler does.
 */
export function serve(method: AnyMethod, { access, handlers }: Served, name: string, parts: ServeParts) {
  const handle = handlers[name];
  if (!handle || method.requestStream) throw new Error(`${method.path} has no handler that can be served`);
  const isAdmitted = createDoorkeeper(access, parts.token);

  const begin = (
    transport: {
      metadata: Metadata;
      getDeadline(): Date | number;
      on(event: 'cancelled', listener: () => void): unknown;
    },
    mostMs: number,
  ) => {
    const ending = new AbortController();
    const signal = AbortSignal.any([ending.signal, parts.stopping]);
    const timer = setTimeout(
      () => ending.abort(new RpcRefusal('DEADLINE_EXCEEDED', 'DEADLINE_EXCEEDED')),
      timeLeft(transport.getDeadline(), mostMs),
    );
    transport.on('cancelled', () => ending.abort(new RpcRefusal('CANCELLED', 'CANCELLED')));
    const status = (error: unknown) =>
      wireStatusOf(signal.aborted ? signal.reason : error, {
        logger: parts.logger,
        callId: parts.newId(),
        method: method.path,
      });
    const track = (work: Promise<void>): void => {
      const done = work.finally(() => {
        clearTimeout(timer);
        parts.running.delete(done);
        // Whatever the handler still has going on ends with its call.
        ending.abort(new RpcRefusal('CANCELLED', 'CALL_OVER'));
      });
      parts.running.add(done);
    };
    const aborted = new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
    // It may be aborted when nobody waits for it.
    aborted.catch(() => undefined);
    const request = (bytes: Buffer): never => {
      if (!isAdmitted(transport.metadata)) {
        throw new RpcRefusal('UNAUTHENTICATED', 'SERVICE_TOKEN_REQUIRED');
      }
      return readRequest(method, bytes) as never;
    };
    return { signal, status, track, aborted, request };
  };

  const unary: handleUnaryCall<Buffer, Buffer> = (transport, respond) => {
    const call = begin(transport, UNARY_MS_MAX);
    const answer = async (): Promise<Buffer> =>
      method.responseSerialize(await handle(call.request(transport.request), { signal: call.signal }));
    call.track(
      Promise.race([answer(), call.aborted]).then(
        (bytes) => respond(null, bytes),
        (error) => respond(call.status(error)),
      ),
    );
  };

  const stream: handleServerStreamingCall<Buffer, Buffer> = (transport) => {
    const call = begin(transport, STREAM_MS_MAX);
    const pump = async (): Promise<void> => {
      const messages = handle(call.request(transport.request), {
        signal: call.signal,
      }) as AsyncIterable<unknown>;
      const iterator = messages[Symbol.asyncIterator]();
      let unsentBytes = 0;
      let wake = (): void => {};
      try {
        for (;;) {
          const next = await Promise.race([iterator.next(), call.aborted]);
          if (next.done === true) return;
          const bytes = method.responseSerialize(next.value);
          unsentBytes += bytes.length;
          transport.write(bytes, () => {
            unsentBytes -= bytes.length;
            wake();
          });
          while (unsentBytes > UNSENT_BYTES_MAX) {
            const sent = new Promise<void>((resolve) => {
              wake = resolve;
            });
            await Promise.race([sent, call.aborted]);
          }
        }
      } finally {
        // A generator that waits for something of its own ends by its signal; nobody waits for it here.
        void Promise.resolve(iterator.return?.()).catch(() => undefined);
      }
    };
    call.track(
      pump().then(
        () => void transport.end(),
        (error) => {
          const status = call.status(error);
          if (!transport.cancelled) transport.emit('error', status);
        },
      ),
    );
  };

  return (method.responseStream ? stream : unary) as UntypedHandleCall;
}

function createDoorkeeper(access: Access, token: string): (metadata: Metadata) => boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  const expected = digest(token);
  return (metadata) => {
    if (access === 'open') return true;
    const values = metadata.get('authorization');
    const given = values.length === 1 ? /^Bearer +(.+)$/i.exec(String(values[0]))?.[1] : undefined;
    // Digests, so that neither content nor length of the token shows in the time this takes.
    return given !== undefined && timingSafeEqual(digest(given), expected);
  };
}

/** Deadlines of gRPC are of the machine's clock, whatever clock this process lives by. */
function timeLeft(deadline: Date | number, mostMs: number): number {
  const at = typeof deadline === 'number' ? deadline : deadline.getTime();
  return Number.isFinite(at) ? Math.min(Math.max(at - Date.now(), 0), mostMs) : mostMs;
}

function readRequest(method: AnyMethod, bytes: Buffer): unknown {
  try {
    return method.requestDeserialize(bytes);
  } catch {
    // What it was instead helps nobody who cannot see the bytes.
    throw new RpcRefusal('INVALID_ARGUMENT', 'REQUEST_MALFORMED');
  }
}

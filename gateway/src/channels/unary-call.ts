import { type Client, Metadata, type MethodDefinition, type ServiceError, status } from '@grpc/grpc-js';

/** What became of a call: an answer, or the status that it ended with. */
export type UnaryEnd = (error: ServiceError | null, response?: unknown) => void;

// biome-ignore lint/suspicious/noExplicitAny: a service's messages are its own; the types of a carve-out name them
type Method = MethodDefinition<any, any>;

/**
 * One unary call, as `client.makeUnaryRequest` makes it, without what nobody here uses: an event emitter and two
 * layers of interceptors for each call, and a stack trace taken in advance for one that might fail. `end` is called
 * once, before this returns where the request cannot be written. The channel below is the same: deadline, retries of what was surely not sent, load balancing.
 */
export function unaryCall(
  client: Client,
  { path, requestSerialize, responseDeserialize }: Method,
  request: unknown,
  metadata: Metadata,
  /** Milliseconds since the epoch. */
  deadline: number,
  end: UnaryEnd,
): { cancel(): void } {
  let sent: Buffer;
  try {
    sent = requestSerialize(request);
  } catch (cause) {
    const details = `the request is no message of its type: ${String(cause)}`;
    end(errorOf({ code: status.INTERNAL, details, metadata: new Metadata() }));
    return { cancel: () => {} };
  }
  const call = client.getChannel().createCall(path, deadline, null, null, null);
  let bytes: Buffer | null = null;
  call.start(metadata, {
    onReceiveMetadata: () => {},
    onReceiveMessage: (message: Buffer | null) => {
      bytes = message;
    },
    onReceiveStatus: (ended) => {
      if (ended.code !== status.OK) return end(errorOf(ended));
      if (bytes === null) {
        const details = 'a unary call was answered with no message';
        return end(errorOf({ ...ended, code: status.UNIMPLEMENTED, details }));
      }
      let response: unknown;
      try {
        response = responseDeserialize(bytes);
      } catch (cause) {
        const details = `the answer is no message of its type: ${String(cause)}`;
        return end(errorOf({ ...ended, code: status.INTERNAL, details }));
      }
      end(null, response);
    },
  });
  // One message is asked for; whoever sends a second waits until the deadline ends the call.
  call.startRead();
  call.sendMessageWithContext({}, sent);
  call.halfClose();
  return { cancel: () => call.cancelWithStatus(status.CANCELLED, 'Cancelled on client') };
}

type Ended = Pick<ServiceError, 'code' | 'details' | 'metadata'>;

function errorOf({ code, details, metadata }: Ended): ServiceError {
  return Object.assign(new Error(`${code} ${status[code]}: ${details}`), { code, details, metadata });
}

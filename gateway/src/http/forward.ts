import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/**
 * Why a backend did not answer.
 * `unreachable`: no connection. `late`: no first byte in time. `broken`: the connection ended, or what came over
 * it was no HTTP, before the response was whole.
 */
export type ForwardFailure = {
  readonly kind: 'unreachable' | 'late' | 'broken';
  /** For the log alone: it may hold addresses. */
  readonly cause: Error;
};

/**
 * The data path, as the public listener calls it. It carries bytes to one backend and back, and knows of no
 * operation, flag or decision.
 *
 * It takes over the request: whatever happens, it ends the response or calls `onFailure` once, and it lets go of
 * the backend when the client is gone. After a response has begun, a failure cuts the client's connection before
 * `onFailure` is called: a broken response must not look whole. A client that hung up is no failure.
 */
export type Forward = {
  request(request: IncomingMessage, response: ServerResponse, onFailure: OnFailure): void;
  /** A WebSocket handshake. On failure nothing has been written to the socket unless it is destroyed. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, onFailure: OnFailure): void;
};

export type OnFailure = (failure: ForwardFailure) => void;

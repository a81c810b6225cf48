import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, Server as NetServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { decide } from '../rollout/decision.ts';
import type { MatchOperation } from '../routing/matcher.ts';
import { type ErrorStatus, errorBody, REASON_PHRASES } from './error-response.ts';
import type { Forward, ForwardFailure } from './forward.ts';
import type { RequestContext, RequestObserver } from './request-context.ts';

export type PublicListenerParts = {
  readonly matchOperation: MatchOperation;
  readonly forward: Forward;
  readonly observer: RequestObserver;
  readonly nextRequestId: () => string;
  readonly monotonicMs: () => number;
};

export type PublicListenerLimits = {
  readonly requestHeadTimeoutMs: number;
  readonly requestHeadBytesMax: number;
  readonly clientIdleTimeoutMs: number;
  readonly tcpKeepAliveMs: number;
};

export type PublicListener = {
  listen(port: number, host: string): Promise<number>;
  /**
   * Stops accepting, ends kept-alive connections after the response under way, waits for what is under way and
   * cuts off what is left after the limit. Gives the number of connections that were cut off.
   */
  drain(limitMs: number): Promise<number>;
  /** Cuts off everything at once. */
  destroy(): void;
};

/** How long an idle client has to learn from a response that the connection ends, before it is closed. */
const IDLE_GRACE_MS = 500;
const HEAD_CHECK_INTERVAL_MS = 1_000;

/** The clients' side: bounds, names, decides, hands over to the data path, and observes the end. */
export function createPublicListener(
  parts: PublicListenerParts,
  limits: PublicListenerLimits,
): PublicListener {
  const { matchOperation, forward, observer, nextRequestId, monotonicMs } = parts;
  const connections = new Set<Duplex>();
  const responses = new Set<ServerResponse>();
  const sentBefore = new WeakMap<Duplex, number>();
  let draining = false;

  const server: Server = createServer({
    maxHeaderSize: limits.requestHeadBytesMax,
    headersTimeout: limits.requestHeadTimeoutMs,
    connectionsCheckingInterval: Math.min(HEAD_CHECK_INTERVAL_MS, limits.requestHeadTimeoutMs),
    // A body may take as long as it takes: uploads and streams have no limit.
    requestTimeout: 0,
    keepAliveTimeout: limits.clientIdleTimeoutMs,
    keepAlive: true,
    keepAliveInitialDelay: limits.tcpKeepAliveMs,
    noDelay: true,
    // Only WebSockets are carried as upgrades. Any other offer, such as h2c, is a plain request whose offer is
    // declined by answering it (RFC 9110 §7.8).
    shouldUpgradeCallback: isWebSocketHandshake,
  });

  const open = (request: IncomingMessage, upgrade: boolean): RequestContext => {
    const method = request.method ?? '';
    const target = request.url ?? '';
    const operation = matchOperation(method, target);
    const context: RequestContext = {
      id: nextRequestId(),
      method,
      target,
      operation,
      decision: decide(operation),
      startMs: monotonicMs(),
      upgrade,
      failure: undefined,
    };
    observer.onStart(context);
    return context;
  };

  /** Bytes that went out since the connection's last response: pipelined ones do not count each other's. */
  const takeSentBytes = (socket: Socket): number => {
    const before = sentBefore.get(socket) ?? 0;
    sentBefore.set(socket, socket.bytesWritten);
    return socket.bytesWritten - before;
  };

  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    const context = open(request, false);
    const { socket } = request;
    if (draining) response.shouldKeepAlive = false;
    responses.add(response);
    response.once('close', () => {
      responses.delete(response);
      observer.onEnd(context, {
        status: response.headersSent ? response.statusCode : undefined,
        outcome: response.writableFinished ? 'complete' : 'aborted',
        sentBytes: takeSentBytes(socket),
        durationMs: monotonicMs() - context.startMs,
      });
      if (draining) setImmediate(() => server.closeIdleConnections());
    });
    forward.request(request, response, (failure) => {
      context.failure = failure;
      answerFailure(request, response, failure);
    });
  };

  const onUpgrade = (request: IncomingMessage, stream: Duplex, head: Buffer): void => {
    const context = open(request, true);
    // The HTTP server's sockets are net sockets; its types say less.
    const socket = stream as Socket;
    // Node takes its own handler away with the upgrade; a reset must not end the process.
    socket.on('error', () => socket.destroy());
    socket.once('close', () => {
      observer.onEnd(context, {
        status: context.failure ? failureStatus(context.failure) : 101,
        outcome: context.failure ? 'aborted' : 'complete',
        sentBytes: takeSentBytes(socket),
        durationMs: monotonicMs() - context.startMs,
      });
    });
    forward.upgrade(request, socket, head, (failure) => {
      context.failure = failure;
      refuseUpgrade(request, socket, failure);
    });
  };

  server.on('request', onRequest);
  server.on('upgrade', onUpgrade);
  server.on('connection', (socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });

  const destroy = (): void => {
    for (const connection of connections) connection.destroy();
  };

  return {
    listen: (port, host) => listen(server, port, host),
    destroy,
    drain: async (limitMs) => {
      draining = true;
      for (const response of responses) response.shouldKeepAlive = false;
      const closed = new Promise<void>((resolve) => {
        // Not the HTTP server's own close: it would cut idle clients that are about to send.
        NetServer.prototype.close.call(server, () => resolve());
      });
      const grace = setTimeout(() => server.closeIdleConnections(), Math.min(IDLE_GRACE_MS, limitMs));
      let cutOff = 0;
      const limit = setTimeout(() => {
        cutOff = connections.size;
        destroy();
      }, limitMs);
      await closed;
      // The server counts a connection as gone before the ends of its requests have been told.
      while (connections.size > 0 || responses.size > 0)
        await new Promise((resolve) => setImmediate(resolve));
      clearTimeout(grace);
      clearTimeout(limit);
      // Ends the server's own checks; it no longer listens, which is what the callback would say.
      server.close(() => {});
      return cutOff;
    },
  };
}

function isWebSocketHandshake(request: IncomingMessage): boolean {
  return request.method === 'GET' && request.headers.upgrade?.toLowerCase() === 'websocket';
}

async function listen(server: Server, port: number, host: string): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
  return (server.address() as AddressInfo).port;
}

function failureStatus(failure: ForwardFailure): ErrorStatus {
  return failure.kind === 'late' ? 504 : 502;
}

function answerFailure(request: IncomingMessage, response: ServerResponse, failure: ForwardFailure): void {
  if (response.headersSent || response.destroyed) return;
  const status = failureStatus(failure);
  const { contentType, body } = errorBody(status, request.headers.accept);
  for (const name of response.getHeaderNames()) response.removeHeader(name);
  response.sendDate = true;
  // The rest of an unfinished upload is not waited for.
  if (!request.complete) response.shouldKeepAlive = false;
  response.writeHead(status, REASON_PHRASES[status], {
    'Content-Type': contentType,
    'Content-Length': Buffer.byteLength(body),
  });
  response.end(body);
}

function refuseUpgrade(request: IncomingMessage, socket: Socket, failure: ForwardFailure): void {
  if (socket.destroyed || !socket.writable) return;
  const status = failureStatus(failure);
  const { contentType, body } = errorBody(status, request.headers.accept);
  socket.end(
    `HTTP/1.1 ${status} ${REASON_PHRASES[status]}\r\nContent-Type: ${contentType}\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}

import { createServer, type Server, type Socket } from 'node:net';
import { ClientConnection } from './client-connection.ts';
import type { Exchange } from './exchange.ts';
import { type ForwardingRule, plainAddress } from './forwarding.ts';
import { gatewayAnswer } from './gateway-answer.ts';
import type { DataPathLimits } from './limits.ts';
import type { Refusal } from './refusal.ts';
import type { Upstream } from './upstream.ts';

export type DataPathOptions = {
  readonly limits: DataPathLimits;
  readonly forwarding: ForwardingRule;
  /** Decides what becomes of a request. An exception is answered with a 500 and reported. */
  readonly handle: (exchange: Exchange) => void | undefined | Promise<void>;
  /** Told of what was refused before it was a request. */
  readonly onRefused?: (refusal: Refusal) => void;
  readonly reportFailure: (failure: unknown) => void;
  /** Told of each connection that the system could not accept; without it, that is a failure as any other. */
  readonly onAcceptFailed?: (failure: unknown) => void;
  /** Whose idle connections the path's clock is to end. */
  readonly upstreams: readonly Upstream[];
  /** Monotonic milliseconds. */
  readonly now: () => number;
  readonly wallClock: () => Date;
};

/** The public listener: accepts clients and serves their requests. */
export type DataPath = {
  readonly server: Server;
  readonly connectionCount: number;
  /** What clients make us keep just now. */
  readonly heldBytes: number;
  listen(port: number, host: string): Promise<{ port: number }>;
  /**
   * Tells every client to close with its next answer, for `delayMs` still accepting new ones; then stops
   * accepting, lets what is under way end within `limitMs`, ends the rest and says how many.
   */
  drain(limitMs: number, delayMs?: number): Promise<number>;
  /** Cuts off every client. */
  destroy(): void;
};

/** Deadlines are kept to this precision. */
const SWEEP_MS = 100;

export function createDataPath(options: DataPathOptions): DataPath {
  const { limits, forwarding, now, upstreams } = options;
  const connections = new Set<ClientConnection>();
  let isDraining = false;
  let isClosing = false;
  let endDelay: (() => void) | undefined;
  let whenEmpty: (() => void) | undefined;
  let dateAt = Number.NEGATIVE_INFINITY;
  let dateText = '';

  const context = {
    limits,
    now,
    date: (): string => {
      if (now() - dateAt >= 1000) {
        dateAt = now();
        dateText = options.wallClock().toUTCString();
      }
      return dateText;
    },
    get isDraining() {
      return isDraining;
    },
    get isClosing() {
      return isClosing;
    },
    handle: (exchange: Exchange): void => {
      try {
        options.handle(exchange)?.catch((failure: unknown) => failed(exchange, failure));
      } catch (failure) {
        failed(exchange, failure);
      }
    },
    heldBytes: 0,
    refused: options.onRefused ?? (() => {}),
  };

  const failed = (exchange: Exchange, failure: unknown): void => {
    options.reportFailure(failure);
    exchange.answer(gatewayAnswer(500, exchange.head.values('accept').join(',')));
  };

  const accept = (socket: Socket): void => {
    const address = plainAddress(socket.remoteAddress);
    const peer = {
      address,
      isTrusted: forwarding.isTrusted(address),
      isForwarded: forwarding.mode === 'append',
    };
    const connection = new ClientConnection(socket, peer, context);
    connections.add(connection);
    // After the connection's own: what it had under way has ended.
    socket.once('close', () => {
      connections.delete(connection);
      if (connections.size === 0) whenEmpty?.();
    });
  };

  const server = createServer(
    { allowHalfOpen: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: limits.tcpKeepAliveMs },
    accept,
  );
  server.maxConnections = limits.connectionsMax;
  server.on('drop', (dropped) => {
    const address = plainAddress(dropped?.remoteAddress);
    context.refused({ reason: 'too-many-connections', status: undefined, address, sentBytes: 0 });
  });

  let sweep: NodeJS.Timeout | undefined;
  const sweepAll = (): void => {
    const nowMs = now();
    for (const connection of connections) connection.expire(nowMs);
    for (const upstream of upstreams) upstream.sweep(nowMs);
  };
  const destroy = (): void => {
    endDelay?.();
    for (const connection of connections) connection.destroy();
  };

  return {
    server,
    get connectionCount() {
      return connections.size;
    },
    get heldBytes() {
      return context.heldBytes;
    },
    listen: (port, host) =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen({ port, host, backlog: 1024 }, () => {
          server.off('error', reject);
          // The system could not accept a connection; the next one may come through.
          server.on('error', options.onAcceptFailed ?? options.reportFailure);
          sweep = setInterval(sweepAll, SWEEP_MS).unref();
          const address = server.address();
          resolve({ port: typeof address === 'object' && address !== null ? address.port : port });
        });
      }),
    drain: async (limitMs, delayMs = 0) => {
      isDraining = true;
      if (delayMs > 0) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, delayMs);
          endDelay = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      isClosing = true;
      server.close();
      for (const connection of connections) connection.drain();
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, limitMs);
        whenEmpty = () => {
          clearTimeout(timer);
          resolve();
        };
        if (connections.size === 0) whenEmpty();
      });
      const cutOff = connections.size;
      destroy();
      // Their ends are told to whoever counts before the drain is over.
      while (connections.size > 0) await new Promise((resolve) => setImmediate(resolve));
      clearInterval(sweep);
      for (const upstream of upstreams) upstream.close();
      return cutOff;
    },
    destroy,
  };
}

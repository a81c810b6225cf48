import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

const HEADER_BYTES_MAX = 65_536;

/**
 * node:http with this application's bounds. A request for an upgrade that `shouldUpgradeCallback` declines is
 * served as if it had not asked.
 */
export function createHttpServer(
  listener: RequestListener,
  shouldUpgradeCallback: (req: IncomingMessage) => boolean = () => false,
): Server {
  const server = createServer({ maxHeaderSize: HEADER_BYTES_MAX, shouldUpgradeCallback }, listener);
  server.headersTimeout = 10_000;
  server.requestTimeout = 120_000;
  // Longer than a proxy's own idle limit, or it sends a request into a connection that we are closing.
  server.keepAliveTimeout = 65_000;
  return server;
}

/** Listens, or throws what kept it from it (a port that is taken). Gives the port. */
export async function listenOn(server: Server, port: number, host: string): Promise<number> {
  const listening = once(server, 'listening');
  server.listen(port, host);
  await listening;
  return (server.address() as AddressInfo).port;
}

/** Accepts no more, waits for the requests in flight, and after `drainMs` cuts what is left. */
export async function drain(server: Server, drainMs: number): Promise<void> {
  if (!server.listening) return;
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  // A connection that is idle between two requests just now becomes closable only after its answer.
  const sweep = setInterval(() => server.closeIdleConnections(), 50);
  const cut = setTimeout(() => server.closeAllConnections(), drainMs);
  await closed;
  clearInterval(sweep);
  clearTimeout(cut);
}

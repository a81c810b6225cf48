import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

export type AdminListener = {
  listen(port: number, host: string): Promise<number>;
  /** Closes the port and every connection to it. */
  close(): Promise<void>;
};

const HEAD_BYTES_MAX = 16_384;
const HEAD_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 15_000;
const IDLE_TIMEOUT_MS = 5_000;
const CONNECTIONS_MAX = 256;

/**
 * The operators' side. Its application is loaded at the first request, so that a start does not wait for what it
 * does not need.
 */
export function createAdminListener(
  loadApp: () => Promise<RequestListener>,
  onAcceptFailed: (failure: unknown) => void,
): AdminListener {
  let loading: Promise<RequestListener> | undefined;
  const server = createServer({
    maxHeaderSize: HEAD_BYTES_MAX,
    headersTimeout: HEAD_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: IDLE_TIMEOUT_MS,
  });
  server.maxConnections = CONNECTIONS_MAX;
  server.on('request', (request, response) => {
    loading ??= loadApp();
    loading.then(
      (app) => app(request, response),
      () => response.writeHead(500).end(),
    );
  });
  return {
    listen: async (port, host) => {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, host, () => {
          server.removeListener('error', reject);
          // The system could not accept a connection; the next one may come through.
          server.on('error', onAcceptFailed);
          resolve();
        });
      });
      return (server.address() as AddressInfo).port;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

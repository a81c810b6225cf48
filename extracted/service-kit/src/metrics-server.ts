import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Logger } from './logger.ts';
import type { Metrics } from './metrics.ts';

export type MetricsServer = {
  listen(address: { readonly port: number; readonly host: string }): Promise<{ port: number }>;
  stop(): Promise<void>;
};

const HEADERS_TIMEOUT_MS = 5_000;
const REQUEST_TIMEOUT_MS = 10_000;

/** For operators alone: /livez (the process answers), /readyz (it can serve calls), /metrics (Prometheus). */
export function createMetricsServer(options: {
  readonly metrics: Metrics;
  readonly isReady: () => boolean;
  readonly logger: Logger;
}): MetricsServer {
  const { metrics, isReady, logger } = options;

  const answer = async (path: string): Promise<{ status: number; type: string; text: string }> => {
    const plain = (status: number, text: string) => ({ status, type: 'text/plain; charset=utf-8', text });
    if (path === '/livez') return plain(200, 'alive\n');
    if (path === '/readyz') return isReady() ? plain(200, 'ready\n') : plain(503, 'not ready\n');
    if (path !== '/metrics') return plain(404, 'not found\n');
    const { contentType, text } = await metrics.render();
    return { status: 200, type: contentType, text };
  };

  const server: Server = createServer((request, response) => {
    const { method = '', url = '' } = request;
    request.resume();
    if (method !== 'GET' && method !== 'HEAD') {
      response.writeHead(405, { allow: 'GET, HEAD' }).end();
      return;
    }
    answer(url.split('?')[0] ?? '').then(
      ({ status, type, text }) => {
        response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' });
        response.end(method === 'HEAD' ? undefined : text);
      },
      (error) => {
        logger.error({ err: error }, 'a page for operators failed');
        response.writeHead(500).end();
      },
    );
  });
  server.headersTimeout = HEADERS_TIMEOUT_MS;
  server.requestTimeout = REQUEST_TIMEOUT_MS;

  return {
    listen: ({ port, host }) =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen({ port, host }, () => {
          server.off('error', reject);
          server.on('error', (error) => logger.error({ err: error }, 'the listener for operators failed'));
          resolve({ port: (server.address() as AddressInfo).port });
        });
      }),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Stands before the acquirer; orders of money wait there until it opens. */
export type AcquirerGate = {
  readonly url: string;
  open(): void;
  close(): Promise<void>;
};

export async function createAcquirerGate(acquirerUrl: string): Promise<AcquirerGate> {
  const opened = Promise.withResolvers<void>();
  const server = createServer(async (req, res) => {
    try {
      const chunks: Buffer[] = [];
      for await (const chunk of req) chunks.push(chunk as Buffer);
      await opened.promise;
      const answer = await fetch(`${acquirerUrl}${req.url}`, {
        method: req.method ?? 'GET',
        headers: {
          'Content-Type': 'application/json',
          'Idempotency-Key': String(req.headers['idempotency-key']),
        },
        body: Buffer.concat(chunks),
      });
      res.writeHead(answer.status, { 'Content-Type': 'application/json' });
      res.end(Buffer.from(await answer.arrayBuffer()));
    } catch {
      // As the acquirer's connection broke, so does this one.
      res.destroy();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    open: opened.resolve,
    async close() {
      opened.resolve();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

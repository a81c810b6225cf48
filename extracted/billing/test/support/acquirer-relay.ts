import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { undo } from './undo.ts';

/**
 * Stands before the acquirer and knows which requests have arrived whole. They are passed on whatever becomes of
 * whoever sent them: to the acquirer a request that has arrived is under way. Those that move money can be held.
 */
export async function startAcquirerRelay(t: TestContext, acquirerUrl: () => string) {
  const arrived: string[] = [];
  let passing = Promise.resolve();
  const server = createServer(async (req, res) => {
    try {
      const chunks: Buffer[] = [];
      for await (const chunk of req) chunks.push(chunk as Buffer);
      const key = req.headers['idempotency-key'];
      if (key !== undefined) {
        arrived.push(String(key));
        await passing;
      }
      const answer = await fetch(`${acquirerUrl()}${req.url}`, {
        method: req.method ?? 'GET',
        headers: {
          'content-type': 'application/json',
          ...(key === undefined ? {} : { 'idempotency-key': String(key) }),
        },
        ...(chunks.length === 0 ? {} : { body: Buffer.concat(chunks) }),
        signal: AbortSignal.timeout(10_000),
      });
      res.writeHead(answer.status, { 'content-type': 'application/json' });
      res.end(Buffer.from(await answer.arrayBuffer()));
    } catch {
      // As the acquirer's connection broke, so does this one.
      res.destroy();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  undo(t, async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    hasArrived: (key: string) => arrived.includes(key),
    /** Holds what moves money from now on, until what it gives is called. */
    hold(): () => void {
      const held = Promise.withResolvers<void>();
      passing = held.promise;
      return held.resolve;
    },
  };
}

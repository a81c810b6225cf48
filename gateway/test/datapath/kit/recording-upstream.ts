import { createServer, type Server } from 'node:net';
import { freePort } from '@banyan/stack/testing/free-port';
import { RawSocket } from './raw-socket.ts';

/** A monolith that does nothing by itself: a test takes each connection and plays its part on it. */
export class RecordingUpstream {
  readonly connections: RawSocket[] = [];
  #server: Server | undefined = undefined;
  #port = 0;
  #taken = 0;
  #wake: (() => void)[] = [];
  /** Plays the part on every connection that no test takes. */
  onConnection: ((connection: RawSocket) => Promise<void>) | undefined = undefined;

  get port(): number {
    return this.#port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Listens, again on the same port after a stop: one that no other process is given meanwhile. */
  async start(): Promise<void> {
    if (this.#port === 0) this.#port = await freePort();
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      const connection = new RawSocket(socket);
      this.connections.push(connection);
      // A script that fails shows in what the client then misses.
      this.onConnection?.(connection).catch(() => connection.destroy());
      for (const wake of this.#wake.splice(0)) wake();
    });
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.#port, '127.0.0.1', resolve);
    });
  }

  /** Takes no more connections, as a process on its way out; those that are there go on. */
  refuse(): void {
    this.#server?.close();
    this.#server = undefined;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    for (const { socket } of this.connections) socket.destroy();
    await new Promise<void>((resolve) => (server === undefined ? resolve() : server.close(() => resolve())));
  }

  /** The next connection not taken yet. */
  async take(deadlineMs = 30_000): Promise<RawSocket> {
    const until = performance.now() + deadlineMs;
    while (this.connections.length <= this.#taken) {
      const leftMs = until - performance.now();
      if (leftMs <= 0) throw new Error('the proxy opened no connection');
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, leftMs);
        this.#wake.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
    return this.connections[this.#taken++] as RawSocket;
  }
}

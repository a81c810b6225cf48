import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createNetServer, type Socket } from 'node:net';
import { freePort } from '@banyan/stack/testing/free-port';

export type Upstream = {
  readonly url: string;
  readonly port: number;
  readonly server: Server;
  [Symbol.asyncDispose](): Promise<void>;
};

/** A monolith of the test's own, on a free port. */
export async function startUpstream(onRequest: RequestListener, port = 0): Promise<Upstream> {
  const server = createServer(onRequest);
  const upgraded = new Set<Socket>();
  server.on('connection', (socket) => {
    upgraded.add(socket);
    socket.on('close', () => upgraded.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const address = server.address() as AddressInfo;
  return {
    server,
    port: address.port,
    url: `http://127.0.0.1:${address.port}`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of upgraded) socket.destroy();
      }),
  };
}

export type RawUpstream = Pick<Upstream, 'url' | 'port'> & AsyncDisposable;

/** A monolith that speaks bytes: for what Node's own server would not say. */
export async function startRawUpstream(onConnection: (socket: Socket) => void): Promise<RawUpstream> {
  const sockets = new Set<Socket>();
  const server = createNetServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** A URL that refuses connections, until the test itself listens there: no other process is given its port. */
export async function refusedUrl(): Promise<string> {
  return `http://127.0.0.1:${await freePort()}`;
}

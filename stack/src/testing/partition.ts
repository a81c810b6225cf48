import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export type Partition = {
  readonly port: number;
  /** Nothing comes through any more, in either direction, and nobody is told. What was sent waits. */
  cut(): void;
  /** What waited comes through. */
  heal(): void;
  /** What waited is lost, and so is every connection. */
  healAnew(): void;
  /** What is connected hears nothing any more, and nobody is told; new connections come through. */
  forget(): void;
  [Symbol.asyncDispose](): Promise<void>;
};

/** A stretch of network before a port of this machine that can be cut. */
export async function createPartition(port: number): Promise<Partition> {
  const sockets = new Set<Socket>();
  const forgotten = new WeakSet<Socket>();
  let isCut = false;
  const join = (from: Socket, to: Socket) => {
    sockets.add(from);
    from.on('data', (bytes) => to.write(bytes));
    from.on('error', () => {});
    from.on('close', () => {
      sockets.delete(from);
      // The other side is told by its own deadline, if there is no way to tell it.
      if (!isCut && !forgotten.has(from)) to.destroy();
    });
    if (isCut) from.pause();
    else from.resume();
  };
  const server = createServer({ pauseOnConnect: true }, (near) => {
    const far = connect({ host: '127.0.0.1', port });
    join(near, far);
    join(far, near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const each = (act: (socket: Socket) => void) => {
    for (const socket of sockets) act(socket);
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut: () => {
      isCut = true;
      each((socket) => socket.pause());
    },
    heal: () => {
      isCut = false;
      each((socket) => forgotten.has(socket) || socket.resume());
    },
    healAnew: () => {
      isCut = false;
      each((socket) => socket.destroy());
    },
    forget: () => {
      each((socket) => {
        forgotten.add(socket);
        socket.pause();
      });
    },
    [Symbol.asyncDispose]: async () => {
      isCut = false;
      each((socket) => socket.destroy());
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

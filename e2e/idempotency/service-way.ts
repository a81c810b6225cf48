import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** The way from the gateway to a service: it may lead to another replica, and lose what a replica answers. */
export type ServiceWay = {
  readonly port: number;
  /** From now on to this port; connections to the other end. */
  leadTo(port: number): void;
  /** Nothing that the service says arrives any more, on the connections that there are. */
  holdAnswers(): void;
  close(): Promise<void>;
};

export async function createServiceWay(port: number): Promise<ServiceWay> {
  const pairs = new Set<{ readonly near: Socket; readonly far: Socket }>();
  let target = port;
  const server = createServer((near) => {
    const far = connect({ port: target, host: '127.0.0.1' });
    const pair = { near, far };
    pairs.add(pair);
    near.pipe(far).pipe(near);
    for (const socket of [near, far]) {
      // A connection that breaks is what this is for; its other half breaks with it.
      socket.on('error', () => {});
      socket.on('close', () => {
        near.destroy();
        far.destroy();
        pairs.delete(pair);
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = (): void => {
    for (const { near } of pairs) near.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    leadTo(to) {
      target = to;
      cut();
    },
    holdAnswers() {
      for (const { far } of pairs) far.unpipe().resume();
    },
    async close() {
      server.close();
      cut();
      await once(server, 'close');
    },
  };
}

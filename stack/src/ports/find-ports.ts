import { createServer } from 'node:net';
import { findPortHolder } from './port-holder.ts';
import { factsOf, type PortName, type Ports, type PortTable, portOf } from './ports.ts';

/** Below the range from which systems take ports for outgoing connections, so that none of those gets in between. */
const FREE_PORT_MIN = 20_000;
const FREE_PORT_MAX = 32_000;
const TRIES_MAX = 500;

/** Gives each wanted port that is 0 a free one, and leaves the others. */
export async function resolvePorts(
  wanted: Ports,
  names: readonly PortName[],
  random: () => number,
): Promise<Ports> {
  const ports = { ...wanted };
  for (const name of names) {
    if (ports[name] === 0) ports[name] = await findFreePort(new Set(Object.values(ports)), random);
  }
  return ports;
}

export type TakenPort = { name: PortName; sentence: string };

/** Each port that somebody else listens on, with a sentence; none when the stack can have them all. */
export async function findTakenPorts(
  table: PortTable,
  ports: Ports,
  names: readonly PortName[],
): Promise<TakenPort[]> {
  const taken: TakenPort[] = [];
  for (const name of names) {
    const port = portOf(ports, name);
    const { what, variable } = factsOf(table, name);
    if (await isFree(port)) continue;
    const holder = findPortHolder(port);
    const by = holder ? ` by ${holder.command} (process ${holder.pid})` : '';
    const sentence = `Port ${port}, for ${what}, is taken${by}: move it with ${variable}`;
    taken.push({ name, sentence });
  }
  return taken;
}

export async function findFreePort(taken: ReadonlySet<number>, random: () => number): Promise<number> {
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const port = FREE_PORT_MIN + Math.floor(random() * (FREE_PORT_MAX - FREE_PORT_MIN));
    if (!taken.has(port) && (await isFree(port))) return port;
  }
  throw new Error(`no free port was found between ${FREE_PORT_MIN} and ${FREE_PORT_MAX}`);
}

export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', (error: NodeJS.ErrnoException) => {
      // EACCES: a port below 1024 without the right to it. Not free for us either.
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(false);
      else reject(error);
    });
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

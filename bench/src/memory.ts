import { connect, type Socket } from 'node:net';
import { type Contender, nodeUpstream, ours } from './contenders.ts';
import { freePort, residentBytes, untilAnswering } from './system.ts';
import { UPGRADE_REQUEST } from './websocket.ts';

export type MemoryFigures = {
  /** Growth of resident memory from 100 MB to 1 GB transferred, each way, in megabytes. */
  readonly downloadGrowthMb: number;
  readonly uploadGrowthMb: number;
  readonly websocketKb: number;
};

const MB = 1_048_576;
const WEBSOCKETS = 1000;

/** Memory under streams, and memory of idle WebSockets. */
export async function measureMemory(folder: string, contender: Contender = ours): Promise<MemoryFigures> {
  const upstreamPort = await freePort();
  const upstream = nodeUpstream.start({ port: upstreamPort, upstream: 0 }, 1, folder);
  await untilAnswering(upstreamPort);
  try {
    const downloadGrowthMb = await growth(contender, upstreamPort, folder, download);
    const uploadGrowthMb = await growth(contender, upstreamPort, folder, upload);
    const websocketKb = await withContender(contender, upstreamPort, folder, websockets);
    return { downloadGrowthMb, uploadGrowthMb, websocketKb };
  } finally {
    await upstream.stop();
  }
}

async function withContender<T>(
  contender: Contender,
  upstreamPort: number,
  folder: string,
  work: (port: number, pid: number) => Promise<T>,
): Promise<T> {
  const port = await freePort();
  const running = contender.start({ port, upstream: upstreamPort }, 0, folder);
  try {
    await untilAnswering(port);
    return await work(port, running.pid);
  } finally {
    await running.stop();
  }
}

/** From the highest of the first 100 MB to the highest of the whole gigabyte. */
async function growth(
  contender: Contender,
  upstreamPort: number,
  folder: string,
  transfer: (port: number, bytes: number) => Promise<void>,
): Promise<number> {
  return withContender(contender, upstreamPort, folder, async (port, pid) => {
    let highest = 0;
    const watch = setInterval(() => {
      highest = Math.max(highest, residentBytes(pid));
    }, 20);
    await transfer(port, 100 * MB);
    const early = highest;
    await transfer(port, 924 * MB);
    clearInterval(watch);
    return (highest - early) / MB;
  });
}

function download(port: number, bytes: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let got = 0;
    socket.on('data', (chunk) => {
      got += chunk.length;
      if (got >= bytes) {
        socket.destroy();
        resolve();
      }
    });
    socket.on('error', reject);
    socket.write(`GET /bytes/${bytes} HTTP/1.1\r\nHost: bench\r\n\r\n`);
  });
}

function upload(port: number, bytes: number): Promise<void> {
  const piece = Buffer.alloc(65_536);
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let left = bytes;
    const write = (): void => {
      while (left > 0) {
        left -= piece.length;
        if (!socket.write(piece)) return;
      }
    };
    socket.on('drain', write);
    socket.on('error', reject);
    socket.on('data', () => {
      socket.destroy();
      resolve();
    });
    socket.write(`POST /up HTTP/1.1\r\nHost: bench\r\nContent-Length: ${bytes}\r\n\r\n`);
    write();
  });
}

async function websockets(port: number, pid: number): Promise<number> {
  const open = (): Promise<Socket> =>
    new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('error', reject);
      socket.once('data', () => resolve(socket));
      socket.write(UPGRADE_REQUEST);
    });
  const sockets: Socket[] = [];
  // The first hundred pay for code and pools that all share.
  while (sockets.length < 100) sockets.push(await open());
  await settle();
  const before = residentBytes(pid);
  while (sockets.length < 100 + WEBSOCKETS) sockets.push(await open());
  await settle();
  const perSocket = (residentBytes(pid) - before) / WEBSOCKETS / 1024;
  for (const socket of sockets) socket.destroy();
  return perSocket;
}

const settle = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1000));

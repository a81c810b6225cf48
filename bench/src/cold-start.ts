import { type Contender, nodeUpstream, ours } from './contenders.ts';
import { cpuMicroseconds, freePort, untilAnswering } from './system.ts';

/** From the start of the process to its first answer: medians. */
export type ColdStart = {
  readonly wallMs: number;
  /** Processor time of the process, which does not depend on what else the machine does. */
  readonly cpuMs: number;
};

const STARTS = 15;

/** A first start, that fills the cache of compiled code, is not among those that count. */
export async function measureColdStart(folder: string, contender: Contender = ours): Promise<ColdStart> {
  const upstreamPort = await freePort();
  const upstream = nodeUpstream.start({ port: upstreamPort, upstream: 0 }, 1, folder);
  try {
    await untilAnswering(upstreamPort);
    await start(contender, upstreamPort, folder);
    const starts: ColdStart[] = [];
    while (starts.length < STARTS) starts.push(await start(contender, upstreamPort, folder));
    return {
      wallMs: median(starts.map(({ wallMs }) => wallMs)),
      cpuMs: median(starts.map(({ cpuMs }) => cpuMs)),
    };
  } finally {
    await upstream.stop();
  }
}

async function start(contender: Contender, upstreamPort: number, folder: string): Promise<ColdStart> {
  const port = await freePort();
  const startedAt = performance.now();
  const running = contender.start({ port, upstream: upstreamPort }, 0, folder);
  try {
    await untilAnswering(port);
    return { wallMs: performance.now() - startedAt, cpuMs: cpuMicroseconds(running.pid) / 1000 };
  } finally {
    await running.stop();
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

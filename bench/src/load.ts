import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cpuMicroseconds, runPinned } from './system.ts';

export type LoadCase = {
  readonly name: string;
  readonly connections: number;
  readonly path: string;
  /** Lua for wrk, where the request is not a plain GET. */
  readonly script?: string;
};

const POST = `wrk.method = "POST"
wrk.body = string.rep("a", 1024)
wrk.headers["Content-Type"] = "application/octet-stream"
`;
/** Six small GETs, two POSTs of 1 KB, two GETs of 64 KB in ten. */
const MIX = `local n = 0
local body = string.rep("a", 1024)
function request()
  n = n + 1
  local k = n % 10
  if k == 3 or k == 7 then return wrk.format("POST", "/p", nil, body) end
  if k == 0 or k == 5 then return wrk.format("GET", "/64k") end
  return wrk.format("GET", "/s")
end
`;

const kinds = [
  { name: 'small GET', path: '/s' },
  { name: '64 KB GET', path: '/64k' },
  { name: 'POST 1 KB', path: '/p', script: POST },
  { name: 'mix', path: '/s', script: MIX },
] as const;

export const loadCases: readonly LoadCase[] = [64, 1].flatMap((connections) =>
  kinds.map((kind) => ({ ...kind, connections })),
);

export type Sample = {
  readonly requestsPerSecond: number;
  readonly cpuUsPerRequest: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly errors: number;
};

/** One run of wrk. `pid`: whose CPU time to count. */
export async function measure(
  { connections, path, script, name }: LoadCase,
  port: number,
  pid: number | undefined,
  seconds: number,
  tools: { readonly wrk: string; readonly core: number; readonly folder: string },
): Promise<Sample> {
  const parameters = ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency'];
  if (script !== undefined) {
    const file = join(tools.folder, `${name.replaceAll(' ', '-')}.lua`);
    writeFileSync(file, script);
    parameters.push('-s', file);
  }
  const before = pid === undefined ? Number.NaN : cpuMicroseconds(pid);
  const output = await runPinned(tools.core, tools.wrk, [...parameters, `http://127.0.0.1:${port}${path}`]);
  const cpuUs = pid === undefined ? Number.NaN : cpuMicroseconds(pid) - before;
  const requests = Number(/(\d+) requests in/.exec(output)?.[1]);
  return {
    requestsPerSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(output)?.[1]),
    cpuUsPerRequest: cpuUs / requests,
    p50Ms: milliseconds(/50%\s+([\d.]+)(us|ms|s)/.exec(output)),
    p99Ms: milliseconds(/99%\s+([\d.]+)(us|ms|s)/.exec(output)),
    errors: countErrors(output),
  };
}

function milliseconds(match: RegExpExecArray | null): number {
  const unit = { us: 0.001, ms: 1, s: 1000 }[match?.[2] ?? 'ms'] ?? 1;
  return Number(match?.[1]) * unit;
}

function countErrors(output: string): number {
  const sockets = /Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)/.exec(output);
  const statuses = /Non-2xx or 3xx responses: (\d+)/.exec(output);
  return (sockets?.slice(1).reduce((sum, text) => sum + Number(text), 0) ?? 0) + Number(statuses?.[1] ?? 0);
}

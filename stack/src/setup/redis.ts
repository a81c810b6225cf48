import { connect } from 'node:net';
import { join } from 'node:path';
import { findApt, installPackages, libraryPath, unpackPackages } from '../../bootstrap/apt.mjs';
import type { Note } from '../../bootstrap/screen.mjs';
import { SetupError } from '../../bootstrap/setup-error.mjs';
import type { ChildSpec } from '../processes/supervisor.ts';
import { makeServiceFolder, removeServiceFolder, type ServiceUser } from './service-user.ts';
import { firstThatRuns, type Tool, toolVersion } from './tool.ts';

const DATA = 'redis';
const READY_DEADLINE_MS = 60_000;
const PING_MS = 1_000;

/**
 * Debian's redis-tools holds the whole server: redis-check-rdb is the same program, which is the server when it is
 * called `redis-server`. The package redis-server adds a system service, which is not wanted here: it would be
 * started now and at every boot, on a port of its own.
 */
const PACKAGES = ['redis-tools'];
const SERVER_IN_TOOLS = 'redis-check-rdb';
const ARGV0 = 'redis-server';

/** Finds a Redis, or gets one. Its name and version are noted. */
export async function ensureRedis(toolsFolder: string, note: Note): Promise<Tool> {
  const tool = (await findRedis(toolsFolder)) ?? (await getRedis(toolsFolder, note));
  note((await toolVersion(tool))?.match(/v=(\S+)/)?.[1] ?? '');
  return tool;
}

/** Gives how to start the server, with data folder and port of its own. */
export function prepareRedis(tool: Tool, user: ServiceUser, port: number): ChildSpec<true> {
  const data = makeServiceFolder(user, DATA);
  return {
    name: 'redis',
    command: tool.command,
    argv0: tool.argv0,
    args: [
      ...['--bind', '127.0.0.1', '--port', String(port), '--dir', data, '--daemonize', 'no'],
      // Flags and queued jobs must outlive a crash; a queue must never be thinned out to make room.
      ...['--appendonly', 'yes', '--appendfsync', 'everysec', '--maxmemory-policy', 'noeviction'],
    ],
    env: { PATH: process.env.PATH, HOME: user.home, ...tool.env },
    cwd: data,
    uid: user.uid,
    gid: user.gid,
    stop: { phase: 0, signal: 'SIGTERM', graceMs: 10_000 },
    ready: () => pong(port),
    readyDeadlineMs: READY_DEADLINE_MS,
  };
}

export function dropRedisData(user: ServiceUser): void {
  removeServiceFolder(user, DATA);
}

function findRedis(toolsFolder: string): Promise<Tool | null> {
  return firstThatRuns([
    { command: 'redis-server', env: {} },
    { command: SERVER_IN_TOOLS, argv0: ARGV0, env: {} },
    unpackedRedis(toolsFolder),
  ]);
}

async function getRedis(toolsFolder: string, note: Note): Promise<Tool> {
  const apt = await findApt();
  let said = '';
  if (apt.kind === 'installs') {
    const result = await installPackages(apt.prefix, PACKAGES, note);
    const tool = await findRedis(toolsFolder);
    if (tool) return tool;
    if (!result.ok) said = result.output;
  }
  // Also when installing failed: unpacking asks nothing of the system's package database.
  if (apt.kind !== 'absent') {
    const result = await unpackPackages(
      PACKAGES,
      unpackedFolder(toolsFolder),
      join(toolsFolder, 'apt'),
      note,
    );
    const tool = await findRedis(toolsFolder);
    if (tool) return tool;
    if (!result.ok) said = `${said}\n${result.output}`.trim();
  }
  throw new SetupError('Redis is missing, and could not be got.', {
    detail: said,
    mend:
      process.platform === 'darwin'
        ? 'brew install redis'
        : 'sudo apt-get update && sudo apt-get install redis-tools',
  });
}

function unpackedFolder(toolsFolder: string): string {
  return join(toolsFolder, 'redis');
}

function unpackedRedis(toolsFolder: string): Tool {
  const folder = unpackedFolder(toolsFolder);
  return {
    command: join(folder, 'usr', 'bin', SERVER_IN_TOOLS),
    argv0: ARGV0,
    env: { LD_LIBRARY_PATH: libraryPath(folder) },
  };
}

/** Redis answers PONG only when it has loaded its data. */
function pong(port: number): Promise<true | null> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    const end = (answer: true | null) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(PING_MS, () => end(null));
    socket.on('connect', () => socket.write('PING\r\n'));
    socket.on('data', (data) => end(data.toString('latin1').startsWith('+PONG') ? true : null));
    socket.on('error', () => end(null));
    socket.on('close', () => resolve(null));
  });
}

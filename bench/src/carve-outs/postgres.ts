import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { postgresUrl, preparePostgres } from '@banyan/stack/setup/postgres';
import { prepareServiceUser, toolsFolderOf } from '@banyan/stack/setup/service-user';
import { TEST_POSTGRES_VARIABLE } from '@banyan/stack/testing/database';
import { coreCommand, freePort } from '../system.ts';

/** Where databases are made: the server that the variable names, else one of this run's own. */
export async function usePostgres(core: number, releases: (() => Promise<unknown>)[]): Promise<void> {
  if (process.env[TEST_POSTGRES_VARIABLE]) return;
  const folder = mkdtempSync(join(tmpdir(), 'banyan-bench-data-'));
  const user = prepareServiceUser(folder);
  const toolsFolder = toolsFolderOf(prepareServiceUser(resolve(import.meta.dirname, '../../../.data')));
  const port = await freePort();
  const spec = await preparePostgres({ user, toolsFolder, port, disposable: true });
  const [file, list] = coreCommand(core, spec.command, spec.args);
  const { uid, gid } = spec;
  const child = spawn(file, list, {
    cwd: spec.cwd,
    env: { ...spec.env },
    stdio: 'ignore',
    ...(uid === undefined ? {} : { uid }),
    ...(gid === undefined ? {} : { gid }),
  });
  const ended = new Promise((resolve) => child.once('close', resolve));
  releases.push(async () => {
    child.kill('SIGINT');
    await ended;
    for (const path of [folder, user.home]) await rm(path, { recursive: true, force: true });
  });
  const endAt = performance.now() + spec.readyDeadlineMs;
  while ((await spec.ready([])) === null) {
    if (performance.now() > endAt || child.exitCode !== null) throw new Error('Postgres did not start');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  process.env[TEST_POSTGRES_VARIABLE] = postgresUrl(port);
}

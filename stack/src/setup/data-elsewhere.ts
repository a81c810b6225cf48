import { existsSync, lstatSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { dropPostgresData } from './postgres.ts';
import { dropRedisData } from './redis.ts';
import type { ServiceUser } from './service-user.ts';

const NOTE = 'postgres-and-redis-are-elsewhere.txt';
const OWNER = 'data-folder';
const HOME_NAME = /^banyan-[0-9a-f]{12}$/;

/**
 * For root the engines' data is not in the data folder, but it is to live and die with it: the two name each other.
 * Who removes the data folder has removed the data.
 */
export function tieDataToFolder(dataDir: string, user: ServiceUser): void {
  if (user.home === dataDir) return;
  const note = join(dataDir, NOTE);
  if (!existsSync(note)) {
    dropPostgresData(user);
    dropRedisData(user);
  }
  writeFileSync(join(user.home, OWNER), dataDir);
  writeFileSync(
    note,
    `Started as root, the stack runs Postgres and Redis as another user, who keeps their files in\n${user.home}\n`,
  );
  removeOrphans(dirname(user.home));
}

/** What is left of data folders that are gone. */
function removeOrphans(parent: string): void {
  for (const name of readdirSync(parent)) {
    const home = join(parent, name);
    if (!HOME_NAME.test(name) || lstatSync(home).uid !== 0) continue;
    const owner = join(home, OWNER);
    if (!existsSync(owner) || existsSync(readFileSync(owner, 'utf8'))) continue;
    const orphan = { home };
    dropPostgresData(orphan);
    if (!existsSync(join(home, 'postgres'))) rmSync(home, { recursive: true, force: true });
  }
}

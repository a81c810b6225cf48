import { createHash } from 'node:crypto';
import { chmodSync, chownSync, lstatSync, mkdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SetupError } from '../../bootstrap/setup-error.mjs';

/** Who runs Postgres and Redis, and a folder of theirs. */
export type ServiceUser = {
  uid?: number;
  gid?: number;
  /** Holds the engines' programs and data. */
  home: string;
};

/**
 * Postgres refuses to run as root, and the user it runs as instead can often not reach a clone below root's home.
 * So for root both engines run as `nobody`, and what they need is kept in /var/tmp/banyan-<hash of the data
 * folder's path>; for anybody else it is the data folder itself.
 */
export function prepareServiceUser(dataDir: string): ServiceUser {
  mkdirSync(dataDir, { recursive: true });
  if (process.getuid?.() !== 0) return { home: dataDir };
  const hash = createHash('sha256').update(realpathSync(dataDir)).digest('hex').slice(0, 12);
  const home = `/var/tmp/banyan-${hash}`;
  mkdirSync(home, { recursive: true, mode: 0o755 });
  const { uid } = lstatSync(home);
  if (uid !== 0 || !lstatSync(home).isDirectory()) {
    throw new SetupError(`${home} belongs to somebody else; it is where Postgres' files go.`, {
      mend: `rm -r ${home}`,
    });
  }
  chmodSync(home, 0o755);
  return { ...nobody(), home };
}

/** Where programs are kept that the set-up got by itself. */
export function toolsFolderOf(user: ServiceUser): string {
  return join(user.home, 'tools');
}

/** A folder that only the service's user can look into. */
export function makeServiceFolder(user: ServiceUser, name: string): string {
  const path = join(user.home, name);
  mkdirSync(path, { recursive: true, mode: 0o700 });
  if (user.uid !== undefined && user.gid !== undefined) chownSync(path, user.uid, user.gid);
  return path;
}

export function removeServiceFolder(user: ServiceUser, name: string): void {
  rmSync(join(user.home, name), { recursive: true, force: true });
}

function nobody(): { uid: number; gid: number } {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith('nobody:'));
  const [, , uid, gid] = line?.split(':') ?? [];
  return { uid: Number(uid ?? 65_534), gid: Number(gid ?? 65_534) };
}

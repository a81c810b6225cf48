import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename } from 'node:path';

const LISTEN = '0A';

/** The process that listens on a TCP port, as far as /proc shows it to this user. */
export function findPortHolder(port: number): { pid: number; command: string } | null {
  if (process.platform !== 'linux') return null;
  const sockets = new Set(['tcp', 'tcp6'].flatMap((table) => listeningInodes(table, port)));
  if (sockets.size === 0) return null;
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    if (openSockets(entry).some((inode) => sockets.has(inode))) {
      return { pid: Number(entry), command: readCommand(entry) };
    }
  }
  return null;
}

function listeningInodes(table: string, port: number): string[] {
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0');
  return readOr('', () => readFileSync(`/proc/net/${table}`, 'latin1'))
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => state === LISTEN && local?.endsWith(`:${hexPort}`))
    .map((fields) => fields[9] ?? '');
}

function openSockets(pid: string): string[] {
  const folder = `/proc/${pid}/fd`;
  const entries = readOr<string[]>([], () => readdirSync(folder));
  return entries
    .map((fd) => readOr('', () => readlinkSync(`${folder}/${fd}`)))
    .map((target) => /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? '')
    .filter((inode) => inode !== '');
}

function readCommand(pid: string): string {
  const [program = '', ...args] = readOr('', () => readFileSync(`/proc/${pid}/cmdline`, 'utf8')).split('\0');
  const script = args.find((arg) => /\.[cm]?[jt]s$/.test(arg));
  return script ? `${basename(program)} ${script}` : basename(program);
}

/** Processes end while one looks at them, and those of other users are closed to us. */
function readOr<T>(otherwise: T, read: () => T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}

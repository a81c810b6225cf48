import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * Which process a pid stands for. Pids are used again, also after a restart of the machine, so a pid that was
 * written down is trusted only together with the moment its process began.
 */
export function readProcessIdentity(pid) {
  const startedAt = process.platform === 'linux' ? startFromProc(pid) : startFromPs(pid);
  return startedAt === null ? null : { pid, startedAt };
}

/** Whether the process that was written down is still running. */
export function isSameProcess(identity) {
  return readProcessIdentity(identity.pid)?.startedAt === identity.startedAt;
}

function startFromProc(pid) {
  const fields = readStat(pid);
  // A zombie has ended; it only waits for its parent to notice.
  if (fields === null || fields[0] === 'Z' || fields[0] === 'X') return null;
  return `${readBootId()}/${fields[19]}`;
}

/** The fields of /proc/<pid>/stat from the third, the state, on. */
function readStat(pid) {
  let stat;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return null; // No such process: that is the answer.
  }
  // The command's name stands in brackets and may itself hold blanks and brackets (proc(5)).
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function readBootId() {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  } catch {
    return 'unknown-boot'; // Hidden in some containers; the start ticks still tell most pids apart.
  }
}

function startFromPs(pid) {
  try {
    const started = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    return started === '' ? null : started;
  } catch {
    return null; // ps ends with 1 when there is no such process.
  }
}

import { spawn } from 'node:child_process';

const OUTPUT_CHARS_MAX = 64_000;

/** What is running now: the one thing of this process that outside signals must reach. */
const running = new Set();

/** Asks every command that runs to end; their callers see them fail. */
export function stopCommands() {
  for (const child of running) child.kill('SIGTERM');
}

/**
 * Runs a command to its end and keeps the last of what it says. Gives `{ code, output }`; a command that cannot
 * be started has the code null. `onLine` sees every line as it comes.
 */
export function runCommand(
  command,
  args,
  { cwd, env = process.env, argv0, uid, gid, deadlineMs, onLine } = {},
) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env, argv0, uid, gid, stdio: ['ignore', 'pipe', 'pipe'] });
    running.add(child);
    let output = '';
    const timer = deadlineMs && setTimeout(() => child.kill('SIGKILL'), deadlineMs);
    const take = (chunk) => {
      output = (output + chunk).slice(-OUTPUT_CHARS_MAX);
      if (onLine) for (const text of String(chunk).split('\n')) if (text.trim()) onLine(text.trim());
    };
    child.stdout.setEncoding('utf8').on('data', take);
    child.stderr.setEncoding('utf8').on('data', take);
    const end = (code, more = '') => {
      clearTimeout(timer);
      running.delete(child);
      resolve({ code, output: output + more });
    };
    child.on('error', (error) => end(null, error.message));
    child.on('close', (code, signal) => end(code ?? 1, signal ? `\nended by ${signal}` : ''));
  });
}

export function lastLines(text, count) {
  return text.trimEnd().split('\n').slice(-count).join('\n');
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** Runs a script of this folder until it has printed so many lines, or is told, kills it, and gives all whole lines. */
export async function runUntilKilled(
  script: string,
  args: readonly string[],
  end: number | AbortSignal,
): Promise<readonly string[]> {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const child = spawn(process.execPath, [path, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let printed = '';
  const enough = Promise.withResolvers<void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
    if (typeof end === 'number' && linesOf(printed).length >= end) enough.resolve();
  });
  if (typeof end !== 'number') end.addEventListener('abort', () => enough.resolve());
  const closed = once(child, 'close');
  await Promise.race([enough.promise, closed]);
  child.kill('SIGKILL');
  await closed;
  return linesOf(printed);
}

function linesOf(printed: string): readonly string[] {
  return printed.split('\n').slice(0, -1);
}

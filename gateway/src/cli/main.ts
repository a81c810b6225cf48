import { COMMANDS } from './commands.ts';
import { runCommand } from './run-command.ts';

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  // A second signal finds no listener and ends the process as it always would.
  process.once(signal, () => stop.abort());
}

const output = (stream: NodeJS.WriteStream) => ({
  write: (text: string) => void stream.write(text),
  isTerminal: stream.isTTY === true,
  get columns() {
    return stream.columns ?? 80;
  },
});

process.exitCode = await runCommand(process.argv.slice(2), COMMANDS, {
  env: process.env,
  folder: process.cwd(),
  out: output(process.stdout),
  err: output(process.stderr),
  now: () => performance.now(),
  signal: stop.signal,
});

import { once } from 'node:events';
import { COMMANDS } from './commands.ts';
import { runCommand } from './run-command.ts';

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  // A second signal finds no listener and ends the process as it always would.
  process.once(signal, () => stop.abort());
}

// Whoever read has left, as `| head` does: there is nobody left to write to.
process.stdout.on('error', () => stop.abort());

const output = (stream: NodeJS.WriteStream) => ({
  write: (text: string) => void stream.write(text),
  drained: async () => {
    if (stream.writableNeedDrain && !stop.signal.aborted) {
      await once(stream, 'drain', { signal: stop.signal });
    }
  },
  isTerminal: stream.isTTY === true,
  get columns() {
    return stream.columns ?? 80;
  },
  get rows() {
    return stream.rows;
  },
});

process.exitCode = await runCommand(process.argv.slice(2), COMMANDS, {
  env: process.env,
  folder: process.cwd(),
  out: output(process.stdout),
  err: output(process.stderr),
  now: () => performance.now(),
  wallClock: () => new Date(),
  signal: stop.signal,
});

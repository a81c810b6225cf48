import { closeSync, copyFileSync, fstatSync, openSync, readSync, truncateSync } from 'node:fs';

const POLL_MS = 50;
const LAST_LINES_MAX = 200;
const LINE_CHARS_MAX = 4_000;
const FILE_BYTES_MAX = 64 * 1024 * 1024;

export type LogTail = {
  /** The newest lines, oldest first. */
  last(count: number): string[];
  /** Reads what has come since the last look. */
  read(): void;
  stop(): void;
};

/**
 * Follows a log file that a child writes to by itself. The child holds the file and no pipe from here, so that
 * it can go on logging, and drain in peace, when the runner is gone.
 */
export function followLog(path: string, onLine: (line: string) => void): LogTail {
  const fd = openSync(path, 'r');
  const buffer = Buffer.alloc(64 * 1024);
  const lines: string[] = [];
  const decoder = new TextDecoder();
  let position = fstatSync(fd).size;
  let partial = '';

  const take = (line: string) => {
    const cut = line.slice(0, LINE_CHARS_MAX);
    lines.push(cut);
    if (lines.length > LAST_LINES_MAX) lines.shift();
    onLine(cut);
  };
  let stopped = false;
  const read = () => {
    if (stopped) return;
    for (;;) {
      const bytes = readSync(fd, buffer, 0, buffer.length, position);
      if (bytes === 0) break;
      position += bytes;
      const parts = (partial + decoder.decode(buffer.subarray(0, bytes), { stream: true })).split('\n');
      partial = (parts.pop() ?? '').slice(0, LINE_CHARS_MAX);
      for (const line of parts) if (line !== '') take(line);
    }
    if (position > FILE_BYTES_MAX) rotate();
  };
  /** Children append, so the file may be cut under them. */
  const rotate = () => {
    copyFileSync(path, `${path}.previous`);
    truncateSync(path);
    position = 0;
  };
  const timer = setInterval(read, POLL_MS);
  timer.unref();
  return {
    last: (count) => lines.slice(-count),
    read,
    stop: () => {
      if (stopped) return;
      clearInterval(timer);
      read();
      stopped = true;
      closeSync(fd);
    },
  };
}

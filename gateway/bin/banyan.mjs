#!/usr/bin/env node
/**
 * The `banyan` command, begun by whatever Node is on the PATH and run by one that takes TypeScript as it is: this
 * one if it is new enough, else the one that came with the dependencies.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SYSTEM_MAJOR = 26;
const program = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url));

if (Number.parseInt(process.versions.node, 10) >= SYSTEM_MAJOR) {
  await import(program);
} else {
  const node = findNode(dirname(program));
  if (node === null) {
    console.error(
      `banyan needs Node ${SYSTEM_MAJOR}; this one is ${process.versions.node}, and none came with the dependencies.\n` +
        'To mend it: npm run gateway -- --help',
    );
    process.exitCode = 1;
  } else {
    handOver(node);
  }
}

/** The link that npm made, or the script that the set-up put there with the libraries it needs. */
function findNode(folder) {
  const candidate = join(folder, 'node_modules', '.bin', 'node');
  if (existsSync(candidate)) return candidate;
  const above = dirname(folder);
  return above === folder ? null : findNode(above);
}

/** A terminal's Ctrl-C reaches the program by itself; a signal to this process alone is handed on. */
function handOver(node) {
  const child = spawn(node, [program, ...process.argv.slice(2)], { stdio: 'inherit' });
  process.on('SIGINT', () => {});
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('error', (error) => {
    console.error(`banyan: ${error.message}`);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    process.exitCode = signal ? 128 + constants.signals[signal] : code;
  });
}

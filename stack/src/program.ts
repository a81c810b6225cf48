import { fileURLToPath } from 'node:url';
import { createScreen, type Screen } from '../bootstrap/screen.mjs';

const EXIT_USAGE = 2;

/** The checkout that this program belongs to. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** What a command line can ask for beside the work itself. */
export type Asked<Work> = Work | { kind: 'help' } | { kind: 'usage'; message: string };

/**
 * The whole of a program of the stack: answers `--help` and wrong usage, leaves everything else to `work`, and ends
 * the process with the status it gives.
 */
export async function runProgram<Work extends { kind: string }>(
  asked: Asked<Work>,
  help: string,
  work: (asked: Work, screen: Screen) => Promise<number>,
): Promise<never> {
  const screen = createScreen();
  process.exit(await answer());

  async function answer(): Promise<number> {
    if (isHelp(asked)) {
      screen.line(help);
      return 0;
    }
    if (isUsage(asked)) {
      process.stderr.write(`${asked.message}\n\n${help}\n`);
      return EXIT_USAGE;
    }
    return work(asked, screen);
  }
}

function isHelp(asked: Asked<{ kind: string }>): asked is { kind: 'help' } {
  return asked.kind === 'help';
}

function isUsage(asked: Asked<{ kind: string }>): asked is { kind: 'usage'; message: string } {
  return asked.kind === 'usage';
}

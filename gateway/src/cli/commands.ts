import type { Command } from './command.ts';

/** A command's code is loaded when it is called. */
export const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  copy: async () => (await import('./copy/copy-command.ts')).copyCommand,
};

import type { Command } from './command.ts';

/** A command's code is loaded when it is called. */
export const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  call: async () => (await import('./call/call-command.ts')).callCommand,
  copy: async () => (await import('./copy/copy-command.ts')).copyCommand,
};

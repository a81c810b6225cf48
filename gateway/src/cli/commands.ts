import type { CommandTable } from './command.ts';

export const COMMANDS: CommandTable = {
  call: async () => (await import('./call/call-command.ts')).callCommand,
  copy: async () => (await import('./copy/copy-command.ts')).copyCommand,
};

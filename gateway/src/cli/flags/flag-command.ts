import type { CommandGroup } from '../command.ts';

export const flagCommand: CommandGroup = {
  about: 'Reads, sets and restores flags: where the reads of a carve-out go.',
  commands: {
    get: async () => (await import('./flag-get.ts')).flagGet,
    set: async () => (await import('./flag-set.ts')).flagSet,
    restore: async () => (await import('./flag-restore.ts')).flagRestore,
  },
};

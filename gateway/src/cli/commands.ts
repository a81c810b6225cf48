import type { CommandTable } from './command.ts';

export const COMMANDS: CommandTable = {
  routes: async () => (await import('./flags/routes-command.ts')).routesCommand,
  flag: async () => (await import('./flags/flag-command.ts')).flagCommand,
  kill: async () => (await import('./kill/kill-command.ts')).killCommand,
  audit: async () => (await import('./audit/audit-command.ts')).auditCommand,
  replicas: async () => (await import('./replicas/replicas-command.ts')).replicasCommand,
  diff: async () => (await import('./diff/diff-command.ts')).diffCommand,
  override: async () => (await import('./override/override-command.ts')).overrideCommand,
  jobs: async () => (await import('./jobs/jobs-command.ts')).jobsCommand,
  call: async () => (await import('./call/call-command.ts')).callCommand,
  copy: async () => (await import('./copy/copy-command.ts')).copyCommand,
};

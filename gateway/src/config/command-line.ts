import { VARIABLES, type Variable } from './variables.ts';

export type CommandLine =
  | { readonly kind: 'run' }
  | { readonly kind: 'check-config' }
  | { readonly kind: 'help' }
  | { readonly kind: 'refused'; readonly message: string };

/** Reads the arguments of the gateway's process. Settings come from the environment, never from here. */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const unknown = args.find((arg) => arg !== '--check-config' && arg !== '--help' && arg !== '-h');
  if (unknown !== undefined) {
    return { kind: 'refused', message: `Unknown option ${unknown}. --help lists the options.` };
  }
  if (args.some((arg) => arg !== '--check-config')) return { kind: 'help' };
  return { kind: args.length > 0 ? 'check-config' : 'run' };
}

/** The text of --help. */
export function describeUsage(): string {
  const entries: [string, Variable<unknown>][] = Object.entries(VARIABLES);
  const width = Math.max(...entries.map(([name]) => name.length));
  const variables = entries.map(([name, { default: value, unit, about }]) => {
    const shown =
      value === undefined ? '' : ` [${value === '' ? 'none' : value}${unit === 'ms' ? ' ms' : ''}]`;
    return `  ${name.padEnd(width)}  ${about.replaceAll('`', '')}${shown}`;
  });
  return [
    'Banyan, a gateway that stands before a monolith.',
    '',
    'Usage: npm run gateway [-- --check-config | --help]',
    '',
    '  --check-config  say what is wrong with the configuration, or nothing; exit 1 or 0',
    '  --help          this text',
    '',
    'Environment variables:',
    ...variables,
    '',
    'MONOLITH_URL alone is enough. docs/configuration.md says more.',
  ].join('\n');
}

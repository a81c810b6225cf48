import { type Command, type CommandContext, type CommandTable, EXIT, UsageError } from './command.ts';

/** Runs what `args` ask for and gives the exit status. `group` is what stands before a command's own name. */
export async function runCommand(
  args: readonly string[],
  commands: CommandTable,
  context: CommandContext,
  group = '',
): Promise<number> {
  const [word, ...rest] = args;
  if (word === undefined || isHelp(word) || word === 'help') {
    context[word === undefined ? 'err' : 'out'].write(await overview(commands, group !== ''));
    return word === undefined ? EXIT.usage : EXIT.done;
  }
  const name = `${group}${word}`;
  const load = Object.hasOwn(commands, word) ? commands[word] : undefined;
  if (load === undefined) {
    context.err.write(`banyan: there is no command ${name}\n\n${await overview(commands, group !== '')}`);
    return EXIT.usage;
  }
  const command = await load();
  if ('commands' in command) return runCommand(rest, command.commands, context, `${name} `);
  if (rest.some(isHelp)) {
    context.out.write(help(command));
    return EXIT.done;
  }
  try {
    return await command.run(rest, context);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof UsageError) {
      context.err.write(`banyan ${name}: ${message}\nusage: banyan ${command.usage}\n`);
      return EXIT.usage;
    }
    context.err.write(`banyan ${name}: ${message}\n`);
    return EXIT.refused;
  }
}

const isHelp = (word: string): boolean => word === '--help' || word === '-h';

function help({ usage, about, details }: Command): string {
  return `usage: banyan ${usage}\n\n${about}\n${details === undefined ? '' : `\n${details}\n`}`;
}

/** Every command with what it is for; those of a group by its own line alone, unless it is the group that is asked for. */
async function overview(commands: CommandTable, isGroup: boolean): Promise<string> {
  const lines: string[] = [];
  for (const [name, load] of Object.entries(commands)) {
    const command = await load();
    if ('commands' in command) {
      const words = Object.keys(command.commands).join('|');
      lines.push(`  banyan ${name} ${words} …\n      ${command.about}\n`);
    } else {
      lines.push(`  banyan ${command.usage}\n      ${command.about}\n`);
    }
  }
  const more = isGroup ? '' : '\n`banyan <command> --help` says more of one.\n';
  return `usage:\n${lines.join('')}${more}`;
}

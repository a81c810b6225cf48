import { type Command, type CommandContext, EXIT, UsageError } from './command.ts';

type CommandTable = Readonly<Record<string, () => Promise<Command>>>;

/** Runs what `args` ask for and gives the exit status. */
export async function runCommand(
  args: readonly string[],
  commands: CommandTable,
  context: CommandContext,
): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    context[name === undefined ? 'err' : 'out'].write(await overview(commands));
    return name === undefined ? EXIT.usage : EXIT.done;
  }
  const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (load === undefined) {
    context.err.write(`banyan: there is no command ${name}\n\n${await overview(commands)}`);
    return EXIT.usage;
  }
  const command = await load();
  if (rest.includes('--help') || rest.includes('-h')) {
    context.out.write(`usage: banyan ${command.usage}\n\n${command.about}\n`);
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

async function overview(commands: CommandTable): Promise<string> {
  const loaded = await Promise.all(Object.values(commands).map((load) => load()));
  const lines = loaded.map(({ usage, about }) => `  banyan ${usage}\n      ${about}\n`);
  return `usage:\n${lines.join('')}`;
}

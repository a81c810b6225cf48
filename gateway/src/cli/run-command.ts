import {
  type Command,
  type CommandContext,
  type CommandOutput,
  type CommandTable,
  EXIT,
  UsageError,
} from './command.ts';
import { plainText, wrapText } from './terminal/plain-text.ts';

/** Runs what `args` ask for and gives the exit status. `group` is what stands before a command's own name. */
export async function runCommand(
  args: readonly string[],
  commands: CommandTable,
  context: CommandContext,
  group = '',
): Promise<number> {
  const [word, ...rest] = args;
  const writeOverview = async (output: CommandOutput) =>
    output.write(await overview(commands, group, widthFor(output)));
  if (word === undefined || isHelp(word) || word === 'help') {
    await writeOverview(context[word === undefined ? 'err' : 'out']);
    return word === undefined ? EXIT.usage : EXIT.done;
  }
  const name = `${group}${word}`;
  const load = Object.hasOwn(commands, word) ? commands[word] : undefined;
  if (load === undefined) {
    context.err.write(`banyan: there is no command ${plainText(name)}\n\n`);
    await writeOverview(context.err);
    return EXIT.usage;
  }
  const command = await load();
  if ('commands' in command) return runCommand(rest, command.commands, context, `${name} `);
  if (rest.some(isHelp)) {
    context.out.write(help(command, widthFor(context.out)));
    return EXIT.done;
  }
  try {
    return await command.run(rest, context);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof UsageError) {
      context.err.write(`banyan ${name}: ${message}\n${usageText(command, widthFor(context.err))}`);
      return EXIT.usage;
    }
    context.err.write(`banyan ${name}: ${message}\n`);
    return EXIT.refused;
  }
}

const isHelp = (word: string): boolean => word === '--help' || word === '-h';

/** Lines of a person's width, also where no terminal says how wide it is. */
const COLUMNS_MAX = 100;
const widthFor = ({ isTerminal, columns }: CommandOutput): number =>
  isTerminal ? Math.min(columns, COLUMNS_MAX) : COLUMNS_MAX;

const INDENT = '    ';

function usageText({ usage }: Command, width: number): string {
  return usage
    .split('\n')
    .flatMap((each) => wrapText(`usage: banyan ${each}`, width - INDENT.length))
    .map((line) => (line.startsWith('usage: ') ? line : `${INDENT}${line}`))
    .join('\n')
    .concat('\n');
}

function help(command: Command, width: number): string {
  const { about, details } = command;
  const parts = [usageText(command, width), `${wrapText(about, width).join('\n')}\n`];
  if (details !== undefined) parts.push(`${details}\n`);
  return parts.join('\n');
}

const firstSentence = (text: string): string => /^.*?\.(?= |$)/.exec(text)?.[0] ?? text;

/** Each command with what it does, in a sentence. */
async function overview(commands: CommandTable, group: string, width: number): Promise<string> {
  const entries = await Promise.all(
    Object.entries(commands).map(async ([name, load]) => ({
      name,
      about: firstSentence((await load()).about),
    })),
  );
  const column = Math.max(...entries.map(({ name }) => name.length)) + 4;
  const lines = entries.flatMap(({ name, about }) =>
    wrapText(about, width - column).map(
      (line, index) => `${(index === 0 ? `  ${name}` : '').padEnd(column)}${line}`,
    ),
  );
  const head = `usage: banyan ${group}<command> [options]`;
  return [head, '', ...lines, '', `\`banyan ${group}<command> --help\` says more of one.`, ''].join('\n');
}

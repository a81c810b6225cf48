/** What a command has of the world. */
export type CommandContext = {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where the command was called: the configuration is looked for here. */
  readonly folder: string;
  readonly out: CommandOutput;
  /** For people: progress and refusals. */
  readonly err: CommandOutput;
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number;
  readonly wallClock: () => Date;
  /** Aborted when the command is to stop. */
  readonly signal: AbortSignal;
};

export type CommandOutput = {
  write(text: string): void;
  /** Waits until the reader has taken what was written, so that much of it is not kept. */
  drained(): Promise<void>;
  readonly isTerminal: boolean;
  readonly columns: number;
  /** Lines of the terminal, where it has said so. */
  readonly rows?: number | undefined;
};

export type Command = {
  /** What follows `banyan`; each way to call it is a line. */
  readonly usage: string;
  readonly about: string;
  /** What `--help` says beside that: options and examples, as lines. */
  readonly details?: string;
  /** Gives the exit status. A `UsageError` is 2, whatever else is thrown 1. */
  run(args: readonly string[], context: CommandContext): Promise<number>;
};

/** Several commands behind one word. */
export type CommandGroup = {
  readonly about: string;
  readonly commands: CommandTable;
};

/** By name. A command's code is loaded when it is called. */
export type CommandTable = Readonly<Record<string, () => Promise<Command | CommandGroup>>>;

export const EXIT = { done: 0, refused: 1, usage: 2 } as const;

/** The command was called in a way that it does not have. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

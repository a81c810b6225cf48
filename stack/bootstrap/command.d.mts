export type CommandResult = { code: number | null; output: string };
export function runCommand(
  command: string,
  args: string[],
  options?: {
    cwd?: string;
    env?: Record<string, string | undefined>;
    argv0?: string;
    uid?: number;
    gid?: number;
    deadlineMs?: number;
    onLine?: (line: string) => void;
  },
): Promise<CommandResult>;
export function lastLines(text: string, count: number): string;
export function stopCommands(): void;

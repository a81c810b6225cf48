import { runCommand } from '../../bootstrap/command.mjs';

/** A program and what it takes to run it. */
export type Tool = {
  command: string;
  argv0?: string;
  env: Record<string, string | undefined>;
};

const VERSION_DEADLINE_MS = 30_000;

/** Whether a tool runs here; gives what it says to `--version`, and what a script around it says beside that. */
export async function toolVersion(tool: Tool): Promise<string | null> {
  const { code, output } = await runCommand(tool.command, ['--version'], {
    deadlineMs: VERSION_DEADLINE_MS,
    argv0: tool.argv0,
    env: { ...process.env, ...tool.env },
  });
  return code === 0 ? output : null;
}

/** The first of several tools that runs. */
export async function firstThatRuns(tools: Tool[]): Promise<Tool | null> {
  for (const tool of tools) {
    if ((await toolVersion(tool)) !== null) return tool;
  }
  return null;
}

/** One JSON line of the process's log. */
export type LogEntry = Record<string, unknown> & { msg: string };

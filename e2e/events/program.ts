import { startServer, type TestServer } from '@banyan/stack/testing/processes';

/** A process of the system, always with the same settings: killed and started again, it is the same to the others. */
export type Program = {
  readonly name: string;
  isRunning(): boolean;
  pid(): number;
  start(): Promise<void>;
  /** As a crash does. */
  kill(): Promise<void>;
  stop(): Promise<void>;
  /** What it logged since it was started last. */
  lines(): readonly string[];
};

const STARTS_MAX = 3;

export function createProgram(name: string, path: string, env: Readonly<Record<string, string>>): Program {
  let running: TestServer | undefined;
  let hasEnded = true;
  const startOnce = async (): Promise<void> => {
    const started = await startServer({ args: [path], env });
    running = started;
    hasEnded = false;
    void started.ended.then(() => {
      if (running === started) hasEnded = true;
    });
  };
  return {
    name,
    isRunning: () => !hasEnded,
    pid: () => running?.pid ?? 0,
    async start() {
      // What it needs at its start may be away just now, as for whoever has a supervisor start it again.
      for (let tries = 1; ; tries += 1) {
        try {
          return await startOnce();
        } catch (error) {
          if (tries === STARTS_MAX) throw error;
        }
      }
    },
    async kill() {
      running?.signal('SIGKILL');
      await running?.ended;
      hasEnded = true;
    },
    stop: async () => running?.stop(),
    lines: () => running?.lines ?? [],
  };
}

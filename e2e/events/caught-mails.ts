import { setTimeout as pause } from 'node:timers/promises';

/** Every mail that came, also what the catcher has forgotten since: it keeps the last thousand. */
export type CaughtMails = {
  /** Message-IDs, once for each time that one came. */
  read(): Promise<string[]>;
  stop(): Promise<void>;
};

const LOOK_EVERY_MS = 1_000;

export function collectMails(mailUrl: string): CaughtMails {
  const caught = new Map<number, string>();
  const stopping = new AbortController();
  const look = async (): Promise<void> => {
    const mails = (await (await fetch(`${mailUrl}/api/mails`)).json()) as { id: number; messageId: string }[];
    for (const { id, messageId } of mails) caught.set(id, messageId);
  };
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await look().catch(() => {});
      await pause(LOOK_EVERY_MS, undefined, { signal: stopping.signal }).catch(() => {});
    }
  };
  const running = run();
  return {
    async read() {
      await look();
      return [...caught.values()];
    },
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

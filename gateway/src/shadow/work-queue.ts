/** Work that waits for one of few places. */
export type WorkQueue<Work> = {
  readonly isFull: boolean;
  readonly waiting: number;
  readonly active: number;
  /** False where too much waits already. It begins in a later turn of the event loop, never within this call. */
  push(work: Work): boolean;
  /** Nothing begins any more; what waits is given back. Resolves when what is under way has ended. */
  close(): { readonly dropped: readonly Work[]; readonly ended: Promise<void> };
};

export type WorkQueueOptions<Work> = {
  readonly activeMax: number;
  readonly waitingMax: number;
  /** Must not reject. */
  readonly run: (work: Work) => Promise<void>;
};

export function createWorkQueue<Work>({
  activeMax,
  waitingMax,
  run,
}: WorkQueueOptions<Work>): WorkQueue<Work> {
  const waiting: Work[] = [];
  const active = new Set<Promise<void>>();
  let isDue = false;
  let isClosed = false;

  const begin = (work: Work): void => {
    const running: Promise<void> = run(work).finally(() => {
      active.delete(running);
      beginLater();
    });
    active.add(running);
  };
  /** One at a time, so that clients' requests come in between. */
  const beginLater = (): void => {
    if (isDue || waiting.length === 0 || active.size >= activeMax) return;
    isDue = true;
    setImmediate(() => {
      isDue = false;
      const next = waiting.shift();
      if (next !== undefined) begin(next);
      beginLater();
    });
  };

  return {
    get isFull() {
      return isClosed || waiting.length >= waitingMax;
    },
    get waiting() {
      return waiting.length;
    },
    get active() {
      return active.size;
    },
    push: (work) => {
      if (isClosed || waiting.length >= waitingMax) return false;
      waiting.push(work);
      beginLater();
      return true;
    },
    close: () => {
      isClosed = true;
      const dropped = waiting.splice(0);
      return { dropped, ended: Promise.all(active).then(() => undefined) };
    },
  };
}

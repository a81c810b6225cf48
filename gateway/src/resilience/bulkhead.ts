/** How many calls of one service may be under way, and how many may wait for their turn. */
export type BulkheadLimits = {
  readonly activeMax: number;
  readonly waitingMax: number;
};

/**
 * A waiter's place. `grant` is called when its turn has come; then `leave` is owed as after `tryEnter`.
 */
export type Waiter = { grant(): void };

export type Bulkhead = {
  /** Takes a place if one is free. */
  tryEnter(): boolean;
  /** Queues for a place; false where the queue is full. */
  wait(waiter: Waiter): boolean;
  /** Leaves the queue; nothing if its turn had come. */
  withdraw(waiter: Waiter): void;
  /** Gives a place back, to the one who waits longest. */
  leave(): void;
  readonly active: number;
  readonly waiting: number;
};

/** So that one slow service cannot take all that the gateway has. */
export function createBulkhead({ activeMax, waitingMax }: BulkheadLimits): Bulkhead {
  let active = 0;
  const queue = new Set<Waiter>();
  return {
    tryEnter: () => {
      if (active >= activeMax) return false;
      active += 1;
      return true;
    },
    wait: (waiter) => {
      if (queue.size >= waitingMax) return false;
      queue.add(waiter);
      return true;
    },
    withdraw: (waiter) => {
      queue.delete(waiter);
    },
    leave: () => {
      const [next] = queue;
      if (next === undefined) {
        active -= 1;
        return;
      }
      queue.delete(next);
      next.grant();
    },
    get active() {
      return active;
    },
    get waiting() {
      return queue.size;
    },
  };
}

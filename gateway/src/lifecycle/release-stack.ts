export type ReleaseStack = {
  /** Registers how to give back what was just acquired. Waited for; called once, in reverse order. */
  defer(name: string, release: () => void | Promise<void>): void;
  /** Releases everything, newest first. Every release runs; what failed is thrown together. */
  release(): Promise<void>;
};

/** Collects releases at the moment of acquiring, so that failing to start and stopping unwind alike. */
export function createReleaseStack(): ReleaseStack {
  const entries: { name: string; release: () => void | Promise<void> }[] = [];
  return {
    defer: (name, release) => {
      entries.push({ name, release });
    },
    release: async () => {
      const errors: Error[] = [];
      for (let entry = entries.pop(); entry; entry = entries.pop()) {
        try {
          await entry.release();
        } catch (cause) {
          errors.push(new Error(`releasing ${entry.name} failed`, { cause }));
        }
      }
      if (errors.length > 0)
        throw new AggregateError(errors, errors.map(({ message }) => message).join('; '));
    },
  };
}

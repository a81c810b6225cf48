export type Release = () => void | Promise<void>;

export type ReleaseStack = {
  /** Registers the undo of what was just acquired. */
  push(name: string, release: Release): void;
  /** Runs every undo, the latest first, whatever some of them throw; throws what they threw. */
  unwind(): Promise<void>;
};

export function createReleaseStack(): ReleaseStack {
  const releases: { name: string; release: Release }[] = [];
  return {
    push(name, release) {
      releases.push({ name, release });
    },
    async unwind() {
      const faults: Error[] = [];
      for (let top = releases.pop(); top; top = releases.pop()) {
        try {
          await top.release();
        } catch (error) {
          faults.push(new Error(`releasing ${top.name} failed`, { cause: error }));
        }
      }
      if (faults.length > 0) throw new AggregateError(faults, 'not everything was released');
    },
  };
}

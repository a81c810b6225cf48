/** What one comparison keeps of answers. */
export type ByteShare = {
  /** False where there is no room: nothing was taken then. */
  take(bytes: number): boolean;
  /** Gives back all that was taken. Later takes are refused. */
  release(): void;
};

/** A bound for the bytes that all comparisons keep together. */
export type ByteBudget = {
  share(): ByteShare;
  readonly takenBytes: number;
};

export function createByteBudget(bytesMax: number): ByteBudget {
  let taken = 0;
  return {
    share: () => {
      let own = 0;
      let isReleased = false;
      return {
        take: (bytes) => {
          if (isReleased || taken + bytes > bytesMax) return false;
          taken += bytes;
          own += bytes;
          return true;
        },
        release: () => {
          isReleased = true;
          taken -= own;
          own = 0;
        },
      };
    },
    get takenBytes() {
      return taken;
    },
  };
}

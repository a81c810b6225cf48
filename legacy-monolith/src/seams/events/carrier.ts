/** What brings events to whoever takes them, as far as this process has a part in it. */
export type EventCarrier = {
  start(): void;
  stop(): Promise<void>;
  /**
   * Waits for those who take these events, which were just committed, a second at most: what was written here is
   * then seen there. Never fails.
   */
  untilTaken(ids: readonly string[]): Promise<void>;
};

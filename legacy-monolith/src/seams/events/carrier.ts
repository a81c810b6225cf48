/** What brings events to whoever takes them, as far as this process has a part in it. */
export type EventCarrier = {
  /** So long a new event is its writer's own to deliver; null where a relay takes it at once. */
  readonly graceMs: number | null;
  start(): void;
  stop(): Promise<void>;
  /**
   * Waits for those who take these events, which were just committed, a second at most: what was written here is
   * then seen there. Never fails.
   */
  untilTaken(ids: readonly string[]): Promise<void>;
};

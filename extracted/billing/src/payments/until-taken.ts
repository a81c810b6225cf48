/**
 * Waits until those who take these events have, a second at most: what the writer's client reads next shows their
 * effects. Never throws. Nobody waits for what is written beside a call; it is on its way all the same.
 */
export type UntilTaken = (eventIds: readonly string[]) => Promise<unknown>;

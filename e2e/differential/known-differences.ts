/**
 * What a client can see of the gateway for now. The differential run fails on a difference that is not here, and
 * on an entry that no step shows any more. To be emptied by the data path of its own.
 */
export type KnownDifference = {
  /** Titles of the steps that show it. */
  readonly steps: RegExp;
  /** As `Difference.what`. */
  readonly what: string;
  readonly reason: string;
};

export const KNOWN_DIFFERENCES: readonly KnownDifference[] = ['content-type', 'content-length'].map(
  (name) => ({
    steps: /^no operation: a WebSocket handshake that is refused$/,
    what: `header ${name}`,
    reason: 'httpxy writes the answer to a refused upgrade itself, with the names in lower case',
  }),
);

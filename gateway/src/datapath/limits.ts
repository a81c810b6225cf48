/** Bounds of the data path. Milliseconds and bytes. */
export type DataPathLimits = {
  /** A request head, from its first byte. */
  readonly headMs: number;
  readonly headBytesMax: number;
  /** A kept-alive client connection between two requests. Longer than what monoliths announce. */
  readonly clientIdleMs: number;
  /** An upload without a byte while we are ready to read. */
  readonly bodyIdleMs: number;
  /** A peer that takes nothing of what we have for it. */
  readonly stallMs: number;
  /** First byte of a response, from the last byte of the request. */
  readonly firstByteMs: number;
  readonly connectMs: number;
  /** A request that may not be repeated goes only on a connection idle for less than this. */
  readonly reuseIdleMs: number;
  /** Idle upstream connections: how long, how many. */
  readonly upstreamIdleMs: number;
  readonly upstreamIdleMax: number;
  /** Client connections at once; each has at most one upstream connection. */
  readonly connectionsMax: number;
  /**
   * What all clients together may have us keep: unfinished heads, bytes ahead of their turn, bodies that the
   * monolith and answers that clients do not take. Whoever makes it more is given up,
   * unless it is a little: the bound on memory is this and 16 KB for each connection.
   */
  readonly heldBytesMax: number;
  /** After an answer that cuts an upload short: how long what still comes is read and thrown away. */
  readonly lingerMs: number;
  readonly tcpKeepAliveMs: number;
  /** While draining: how long an idle client may still send one more request, to be told to close. */
  readonly drainIdleMs: number;
};

export const DEFAULT_LIMITS: DataPathLimits = {
  headMs: 10_000,
  headBytesMax: 65_536,
  clientIdleMs: 75_000,
  bodyIdleMs: 60_000,
  stallMs: 600_000,
  firstByteMs: 600_000,
  connectMs: 2_000,
  reuseIdleMs: 1_000,
  upstreamIdleMs: 4_000,
  upstreamIdleMax: 1_024,
  connectionsMax: 20_000,
  heldBytesMax: 268_435_456,
  lingerMs: 30_000,
  tcpKeepAliveMs: 60_000,
  drainIdleMs: 500,
};

/** The bounds as configured; what has no setting keeps its default. */
export function createDataPathLimits(configured: {
  readonly requestHeadTimeoutMs: number;
  readonly requestHeadBytesMax: number;
  readonly clientIdleTimeoutMs: number;
  readonly clientConnectionsMax: number;
  readonly clientHeldBytesMax: number;
  readonly bodyIdleTimeoutMs: number;
  readonly stallTimeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly firstByteTimeoutMs: number;
  readonly upstreamReuseIdleMs: number;
  readonly tcpKeepAliveMs: number;
}): DataPathLimits {
  return {
    ...DEFAULT_LIMITS,
    headMs: configured.requestHeadTimeoutMs,
    headBytesMax: configured.requestHeadBytesMax,
    clientIdleMs: configured.clientIdleTimeoutMs,
    connectionsMax: configured.clientConnectionsMax,
    heldBytesMax: configured.clientHeldBytesMax,
    bodyIdleMs: configured.bodyIdleTimeoutMs,
    stallMs: configured.stallTimeoutMs,
    connectMs: configured.connectTimeoutMs,
    firstByteMs: configured.firstByteTimeoutMs,
    reuseIdleMs: configured.upstreamReuseIdleMs,
    tcpKeepAliveMs: configured.tcpKeepAliveMs,
  };
}

export type BackendState = {
  readonly state: 'unknown' | 'reachable' | 'unreachable';
  /** When it came into this state, in milliseconds since the epoch. */
  readonly sinceMs: number;
};

export type BackendHealth = {
  onReachable(): void;
  onUnreachable(): void;
  read(): BackendState;
};

/** Remembers whether a backend could be reached, by whoever last tried. It informs; nothing is decided by it. */
export function createBackendHealth(now: () => number): BackendHealth {
  let current: BackendState = { state: 'unknown', sinceMs: now() };
  const enter = (state: BackendState['state']): void => {
    if (current.state !== state) current = { state, sinceMs: now() };
  };
  return {
    onReachable: () => enter('reachable'),
    onUnreachable: () => enter('unreachable'),
    read: () => current,
  };
}

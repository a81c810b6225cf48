export type BackendState = {
  readonly state: 'unknown' | 'reachable' | 'unreachable';
  /** When it came into this state, in milliseconds since the epoch. */
  readonly sinceMs: number;
  /** Why it is unreachable, by the last attempt. Holds no address. */
  readonly reason?: string;
};

export type BackendHealth = {
  onReachable(): void;
  onUnreachable(cause: Error): void;
  read(): BackendState;
};

/** Remembers whether a backend could be reached, by whoever last tried. It informs; nothing is decided by it. */
export function createBackendHealth(now: () => number): BackendHealth {
  let current: BackendState = { state: 'unknown', sinceMs: now() };
  return {
    onReachable: () => {
      if (current.state !== 'reachable') current = { state: 'reachable', sinceMs: now() };
    },
    onUnreachable: (cause) => {
      const sinceMs = current.state === 'unreachable' ? current.sinceMs : now();
      current = { state: 'unreachable', sinceMs, reason: unreachableReason(cause) };
    },
    read: () => current,
  };
}

/** Of Node's and OpenSSL's codes, those that say what an operator has to look at. */
const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  ETIMEDOUT: 'no connection in time',
  ENOTFOUND: 'host name not found',
  EAI_AGAIN: 'host name could not be looked up',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the network',
  EMFILE: 'too many open files here',
  EADDRNOTAVAIL: 'no free port here',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is not trusted',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate is not trusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its certificate is not trusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate is not trusted',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
};

/** An error's text may hold addresses; its code does not. Of several attempts the error has the first one's code. */
function unreachableReason(cause: Error): string {
  const { code = '' } = cause as NodeJS.ErrnoException;
  return REASONS[code] ?? (code === '' ? 'connection failed' : `connection failed (${code})`);
}

import type { Server } from 'node:http';
import { connect, isIP } from 'node:net';
import { type Duplex, duplexPair } from 'node:stream';
import { type ConnectionOptions, connect as connectTls, getCACertificates } from 'node:tls';

export type DialRequest = {
  readonly timeoutMs: number;
  connected(socket: Duplex): void;
  failed(cause: Error, why: 'refused' | 'timeout'): void;
};

/** Opens one connection. Answers once, unless the function that it returns was called before. */
export type Dial = (request: DialRequest) => () => void;

export type DialOptions = {
  /** `http:` or `https:`, a host, a port. Its path plays no part: clients' targets go up as they are. */
  readonly url: URL;
  /** PEM of the authorities to trust, for https; none: those that Node and the system trust. */
  readonly authorities: string | undefined;
  readonly tcpKeepAliveMs: number;
};

/** Time for one address before the next is tried beside it (RFC 8305 asks for 250 ms). */
const NEXT_ADDRESS_MS = 250;

/** Dials over TCP or TLS. The name is resolved anew each time, and all its addresses are tried. */
export function createDial({ url, authorities, tcpKeepAliveMs }: DialOptions): Dial {
  const isTls = url.protocol === 'https:';
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const address = {
    host,
    port: Number(url.port || (isTls ? 443 : 80)),
    autoSelectFamily: true,
    autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_MS,
    noDelay: true,
    keepAlive: true,
    keepAliveInitialDelay: tcpKeepAliveMs,
    allowHalfOpen: true,
  };
  const tls: ConnectionOptions = {
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ca: isTls ? (authorities ?? trustedByDefault()) : undefined,
    ALPNProtocols: ['http/1.1'],
  };
  let session: Buffer | undefined;

  return ({ timeoutMs, connected, failed }) => {
    const socket = isTls
      ? connectTls({ ...address, ...tls, ...(session === undefined ? {} : { session }) })
      : connect(address);
    let isSettled = false;
    const settle = (): boolean => {
      if (isSettled) return false;
      isSettled = true;
      clearTimeout(timer);
      socket.off('error', onError);
      return true;
    };
    const onError = (cause: Error): void => {
      if (!settle()) return;
      ignoreErrors(socket);
      failed(cause, 'refused');
    };
    const timer = setTimeout(() => {
      if (!settle()) return;
      ignoreErrors(socket);
      socket.destroy();
      const late = new Error(`no connection within ${Math.round(timeoutMs)} ms`);
      failed(Object.assign(late, { code: 'ETIMEDOUT' }), 'timeout');
    }, timeoutMs);
    socket.on('error', onError);
    socket.once(isTls ? 'secureConnect' : 'connect', () => {
      if (settle()) connected(socket);
    });
    if (isTls) socket.on('session', (latest: Buffer) => (session = latest));
    return () => {
      if (!settle()) return;
      ignoreErrors(socket);
      socket.destroy();
    };
  };
}

/** The system's authorities beside Node's own: a monolith inside a company is signed by the company's. */
function trustedByDefault(): string[] {
  return [...new Set([...getCACertificates('default'), ...getCACertificates('system')])];
}

/** Dials an HTTP server in this process: what it serves goes through the same data path, without a port. */
export function createLocalDial(server: Server): Dial {
  return ({ connected }) => {
    const [ours, theirs] = duplexPair();
    let isWanted = true;
    // Later, as any other dial: who asks must not be answered before it has finished asking.
    queueMicrotask(() => {
      if (!isWanted) return;
      server.emit('connection', theirs);
      connected(ours);
    });
    return () => {
      isWanted = false;
    };
  };
}

/** For a socket that is being given up: its last words are of no interest. */
function ignoreErrors(socket: Duplex): void {
  socket.on('error', () => {});
}

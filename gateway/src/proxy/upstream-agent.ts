import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { isIP, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

export type UpstreamAgent = HttpAgent;

export type UpstreamAgentConfig = {
  readonly url: string;
  readonly ca?: string;
  readonly connectTimeoutMs: number;
  /** A connection that was idle for longer is closed: the other side may be about to close it itself. */
  readonly upstreamReuseIdleMs: number;
  readonly tcpKeepAliveMs: number;
};

export class ConnectTimeoutError extends Error {
  override name = 'ConnectTimeoutError';
  readonly code = 'BANYAN_CONNECT_TIMEOUT';
}

const FREE_SOCKETS_MAX = 256;

/** The connections to one backend. Their number is bounded by the clients' own: nobody waits for a free one. */
export function createUpstreamAgent(config: UpstreamAgentConfig): UpstreamAgent {
  const url = new URL(config.url);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const options = {
    keepAlive: true,
    keepAliveMsecs: config.tcpKeepAliveMs,
    maxSockets: Number.POSITIVE_INFINITY,
    maxFreeSockets: FREE_SOCKETS_MAX,
    scheduling: 'lifo' as const,
    noDelay: true,
  };
  const secure = url.protocol === 'https:';
  const agent = secure
    ? // The certificate has to be the URL's. Left to itself Node asks for the name in the client's Host header.
      new HttpsAgent({
        ...options,
        servername: isIP(host) ? '' : host,
        ...(config.ca ? { ca: config.ca } : {}),
      })
    : new HttpAgent(options);
  limitConnecting(agent, secure ? 'secureConnect' : 'connect', config.connectTimeoutMs);
  limitReuse(agent, config.upstreamReuseIdleMs);
  return agent;
}

function limitConnecting(agent: HttpAgent, connected: 'connect' | 'secureConnect', limitMs: number): void {
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (options, callback) => {
    const socket = connect(options, callback) as Socket | undefined;
    if (!socket) return socket;
    const timer = setTimeout(() => {
      socket.destroy(new ConnectTimeoutError(`no connection within ${limitMs} ms`));
    }, limitMs);
    const stop = () => clearTimeout(timer);
    socket.once(connected, stop);
    socket.once('close', stop);
    return socket;
  };
}

function limitReuse(agent: HttpAgent, idleMs: number): void {
  // Its types say that it returns nothing; what it returns is whether the socket is kept.
  const keep = agent.keepSocketAlive.bind(agent) as (socket: Duplex) => boolean;
  // The agent closes a free socket when it times out; a peer that announced less is believed by `keep`.
  agent.keepSocketAlive = ((socket: Duplex): boolean => {
    const kept = keep(socket);
    const { timeout } = socket as Socket;
    if (!timeout || timeout > idleMs) (socket as Socket).setTimeout(idleMs);
    return kept;
  }) as typeof agent.keepSocketAlive;
  const reuse = agent.reuseSocket.bind(agent);
  agent.reuseSocket = (socket, request) => {
    (socket as Socket).setTimeout(0);
    reuse(socket, request);
  };
}

import { Agent, request } from 'node:http';
import { request as requestTls, Agent as TlsAgent } from 'node:https';
import { isIP } from 'node:net';
import { getCACertificates } from 'node:tls';
import type { HeaderLine } from '../carve-out/answer.ts';

export type MonolithAgentOptions = {
  /** Origin of the monolith. */
  readonly url: string;
  /** PEM of the authorities to trust instead of the system's. */
  readonly ca?: string | undefined;
  readonly connectionsMax: number;
};

export type MonolithAgent = {
  /** Node's own client, for the monolith's scheme. */
  readonly request: typeof request;
  /** What its options begin with. */
  readonly to: { readonly agent: Agent; readonly host: string; readonly port: string | number };
  /** Value of the Host field. */
  readonly authority: string;
  close(): void;
};

/** Shorter than servers keep idle connections. */
const IDLE_MS = 4_000;

/** Connections of the gateway's own to the monolith, kept, so that no client's request waits for its questions. */
export function createMonolithAgent({ url, ca, connectionsMax }: MonolithAgentOptions): MonolithAgent {
  const origin = new URL(url);
  const isTls = origin.protocol === 'https:';
  const host = origin.hostname.replace(/^\[|\]$/g, '');
  const connections = {
    keepAlive: true,
    maxSockets: connectionsMax,
    maxFreeSockets: connectionsMax,
    timeout: IDLE_MS,
  };
  const agent = isTls
    ? new TlsAgent({
        ...connections,
        ca: ca ?? [...new Set([...getCACertificates('default'), ...getCACertificates('system')])],
        ...(isIP(host) === 0 ? { servername: host } : {}),
      })
    : new Agent(connections);
  return {
    request: isTls ? requestTls : request,
    to: { agent, host, port: origin.port || (isTls ? 443 : 80) },
    authority: origin.host,
    close: () => agent.destroy(),
  };
}

/** Fields of an answer as they came, from Node's flat list of names and values. */
export function headerLinesOf(raw: readonly string[]): HeaderLine[] {
  return Array.from({ length: raw.length / 2 }, (_, index) => [
    raw[2 * index] as string,
    raw[2 * index + 1] as string,
  ]);
}

import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createProxyMiddleware, definePlugin } from 'http-proxy-middleware';
import type { Forward, ForwardFailure, OnFailure } from '../http/forward.ts';
import { createFirstByteTimer } from './first-byte-timer.ts';
import { classifyFailure } from './forward-failure.ts';
import type { WriteForwarded } from './forwarded-headers.ts';
import { endToEndHeaders, isAscii, trailerPairs } from './headers.ts';
import type { UpstreamAgent } from './upstream-agent.ts';

export type MonolithForwardParts = {
  readonly url: string;
  readonly agent: UpstreamAgent;
  readonly writeForwarded: WriteForwarded;
  readonly firstByteTimeoutMs: number;
  readonly tcpKeepAliveMs: number;
  /** Told whenever the monolith answered. */
  readonly onResponse: () => void;
};

/** One request on its way. */
type Exchange = {
  readonly target: string;
  readonly fail: OnFailure;
  state: 'waiting' | 'upgraded' | 'failed' | 'client-gone';
};

/**
 * The data path to the monolith on http-proxy-middleware. Its default plugins are left out: they answer failures
 * with texts of the inside, end broken responses as if they were whole, and hide what happened. What it
 * otherwise takes from headers is put back from `rawHeaders`; what cannot be put back is listed by the
 * differential run.
 */
export function createMonolithForward(parts: MonolithForwardParts): Forward {
  const exchanges = new WeakMap<IncomingMessage, Exchange>();

  const fail = (request: IncomingMessage, failure: ForwardFailure): void => {
    const exchange = exchanges.get(request);
    if (!exchange || exchange.state === 'failed' || exchange.state === 'client-gone') return;
    exchange.state = 'failed';
    exchange.fail(failure);
  };

  const plugin = definePlugin<IncomingMessage, ServerResponse>((proxy) => {
    proxy.on('proxyReq', (upstream, request) => {
      writeRequestHeaders(upstream, request, parts.writeForwarded);
      limitFirstByte(upstream, request.socket);
      request.once('end', () => {
        if (request.rawTrailers.length > 0) upstream.addTrailers(trailerPairs(request.rawTrailers));
      });
    });
    proxy.on('proxyReqWs', (upstream, request, socket) => {
      writeRequestHeaders(upstream, request, parts.writeForwarded);
      upstream.setHeader('Connection', 'Upgrade');
      upstream.setHeader('Upgrade', request.headers.upgrade ?? 'websocket');
      limitFirstByte(upstream, socket);
      upstream.once('response', parts.onResponse);
      upstream.once('upgrade', (response, upstreamSocket) => {
        parts.onResponse();
        const exchange = exchanges.get(request);
        if (exchange?.state === 'waiting') exchange.state = 'upgraded';
        response.headers = switchingHeaders(response.rawHeaders);
        joinSockets(socket as Socket, upstreamSocket, parts.tcpKeepAliveMs);
      });
    });
    proxy.on('proxyRes', (upstreamResponse, request, response) => {
      parts.onResponse();
      passOnHead(upstreamResponse, request, response);
    });
    proxy.on('error', (cause, request, responseOrSocket) => {
      if (!request) return;
      if (exchanges.get(request)?.state === 'upgraded') (responseOrSocket as Socket).destroy();
      fail(request, { kind: classifyFailure(cause), cause });
    });
  });

  const limitFirstByte = (upstream: ClientRequest, client: Duplex): void => {
    createFirstByteTimer(upstream, client as Socket, parts.firstByteTimeoutMs);
  };

  const proxy = createProxyMiddleware<IncomingMessage, ServerResponse>({
    target: parts.url,
    agent: parts.agent,
    ejectPlugins: true,
    plugins: [plugin],
    changeOrigin: false,
    pathFilter: () => true,
    // It would not pass on a target that is no URL, such as `//`: it is shown `/`, and the target is put back.
    pathRewrite: (_path, request) => exchanges.get(request)?.target,
  });

  const begin = (request: IncomingMessage, onFailure: OnFailure): Exchange => {
    const exchange: Exchange = { target: originForm(request.url ?? '/'), fail: onFailure, state: 'waiting' };
    exchanges.set(request, exchange);
    request.url = '/';
    return exchange;
  };

  return {
    request: (request, response, onFailure) => {
      const exchange = begin(request, onFailure);
      // Node has sent `100 Continue` by now; the monolith is not asked again.
      delete request.headers.expect;
      response.sendDate = false;
      response.once('close', () => {
        if (exchange.state === 'waiting') exchange.state = 'client-gone';
      });
      const lost = (cause: unknown): void => {
        fail(request, { kind: 'broken', cause: cause instanceof Error ? cause : new Error(String(cause)) });
      };
      proxy(request, response, () => lost('the proxy would not take the request')).catch(lost);
    },
    upgrade: (request, socket, head, onFailure) => {
      const exchange = begin(request, onFailure);
      socket.once('close', () => {
        if (exchange.state !== 'failed') exchange.state = 'client-gone';
      });
      proxy.upgrade(request, socket as Socket, head);
    },
  };
}

/** An absolute target names its host a second time; backends get its path. */
function originForm(target: string): string {
  if (target.startsWith('/') || !/^https?:\/\//i.test(target)) return target;
  const path = target.replace(/^[^:]+:\/\/[^/?#]*/, '');
  return path.startsWith('/') ? path : `/${path}`;
}

function writeRequestHeaders(
  upstream: ClientRequest,
  request: IncomingMessage,
  writeForwarded: WriteForwarded,
): void {
  // Taking the framing headers away as well keeps Node from inventing one for a request that has no body.
  for (const name of [...upstream.getHeaderNames(), 'content-length', 'transfer-encoding']) {
    upstream.removeHeader(name);
  }
  const headers = writeForwarded(endToEndHeaders(request.rawHeaders), request.socket.remoteAddress ?? '');
  for (const [name, values] of headers) {
    if (name.toLowerCase() === 'expect') continue;
    upstream.setHeader(name, values.length === 1 ? (values[0] as string) : values);
  }
  // A chunked body is the last of its connection: were its end misread, nothing could follow it.
  if (request.headers['transfer-encoding'] !== undefined) upstream.setHeader('Connection', 'close');
}

function passOnHead(
  upstreamResponse: IncomingMessage,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const { rawHeaders } = upstreamResponse;
  const entries = endToEndHeaders(rawHeaders);
  const chunked =
    upstreamResponse.headers['transfer-encoding'] !== undefined && request.httpVersion !== '1.0';
  const headers: IncomingMessage['headers'] = {};
  for (const [name, values] of entries) {
    const key = name.toLowerCase();
    if (key === 'transfer-encoding' && !chunked) continue;
    // Node announces trailers of a chunked body only.
    if (key === 'trailer' && (!chunked || request.method === 'HEAD')) continue;
    headers[name] = oneOrMany(values);
  }
  headers.connection = response.shouldKeepAlive ? 'keep-alive' : 'close';
  upstreamResponse.headers = headers;
  upstreamResponse.once('end', () => {
    const { rawTrailers } = upstreamResponse;
    if (rawTrailers.length > 0 && chunked) response.addTrailers(trailerPairs(rawTrailers));
  });
  // The head goes on before the first body byte, unless that is here already.
  setImmediate(() => {
    if (!response.headersSent && !response.destroyed && isAscii(entries)) response.flushHeaders();
  });
}

function switchingHeaders(rawHeaders: readonly string[]): IncomingMessage['headers'] {
  const headers: IncomingMessage['headers'] = {};
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string;
    if (/^(connection|upgrade)$/i.test(name)) headers[name] = rawHeaders[index + 1];
  }
  for (const [name, values] of endToEndHeaders(rawHeaders)) headers[name] = oneOrMany(values);
  return headers;
}

function oneOrMany(values: readonly string[]): string | string[] {
  return values.length === 1 ? (values[0] as string) : [...values];
}

/** Either side's end is the other's: what was received is still delivered, a reset is passed on as one. */
function joinSockets(client: Socket, upstream: Socket, tcpKeepAliveMs: number): void {
  const link = (from: Socket, to: Socket): void => {
    from.once('close', (hadError) => {
      if (hadError) to.destroy();
      else to.destroySoon();
    });
  };
  link(client, upstream);
  link(upstream, client);
  // After the library has set its own.
  setImmediate(() => {
    client.setKeepAlive(true, tcpKeepAliveMs);
    upstream.setKeepAlive(true, tcpKeepAliveMs);
  });
}

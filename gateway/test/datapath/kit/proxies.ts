import { createServer as createHttpServer, request as httpRequest } from 'node:http';
import { connect, createServer, type Server, type Socket } from 'node:net';
import express from 'express';
import { createProxyMiddleware } from 'http-proxy-middleware';
import { createDataPath } from '../../../src/datapath/data-path.ts';
import { createDial } from '../../../src/datapath/dial.ts';
import { createForwardingRule, type ForwardingRule } from '../../../src/datapath/forwarding.ts';
import { type DataPathLimits, DEFAULT_LIMITS } from '../../../src/datapath/limits.ts';
import { createUpstream } from '../../../src/datapath/upstream.ts';

export type ProxySettings = {
  readonly limits?: Partial<DataPathLimits>;
  readonly forwarding?: ForwardingRule['mode'];
  readonly trusted?: readonly string[];
  readonly authorities?: string;
  /** What tells a proxy of ours the time, instead of the machine. */
  readonly now?: () => number;
};

export type RunningProxy = {
  readonly port: number;
  drain(limitMs: number, delayMs?: number): Promise<unknown>;
  stop(): Promise<unknown>;
};

export type StartProxy = (upstreamUrl: string, settings: ProxySettings) => Promise<RunningProxy>;

export const startOurs: StartProxy = async (upstreamUrl, settings) => {
  const limits = { ...DEFAULT_LIMITS, ...settings.limits };
  const now = settings.now ?? (() => performance.now());
  const dial = createDial({
    url: new URL(upstreamUrl),
    authorities: settings.authorities,
    tcpKeepAliveMs: limits.tcpKeepAliveMs,
  });
  const upstream = createUpstream({ dial, limits, now });
  const path = createDataPath({
    limits,
    forwarding: createForwardingRule(settings.forwarding ?? 'append', settings.trusted ?? []),
    handle: (exchange) => exchange.forward(upstream),
    reportFailure: (failure) => {
      throw failure;
    },
    upstreams: [upstream],
    now,
    wallClock: () => new Date(),
  });
  const { port } = await path.listen(0, '127.0.0.1');
  return { port, drain: path.drain, stop: () => path.drain(0) };
};

/** Broken on purpose: bytes from one socket to the other, nothing understood, nothing checked. */
const startRelay: StartProxy = async (upstreamUrl) => {
  const port = Number(new URL(upstreamUrl).port);
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const upstream = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    client.pipe(upstream).pipe(client);
    client.on('error', () => upstream.destroy());
    upstream.on('error', () => client.destroy());
  });
  return running(server);
};

/** Broken on purpose: what a first try looks like. Parsed, normalised, buffered whole, joined, re-made. */
const startBuffering: StartProxy = async (upstreamUrl) => {
  const server = createHttpServer({ insecureHTTPParser: true }, (req, res) => {
    const pieces: Buffer[] = [];
    req.on('data', (piece: Buffer) => pieces.push(piece));
    req.on('end', () => {
      const url = new URL(req.url ?? '/', upstreamUrl);
      const out = httpRequest(
        new URL(url.pathname + url.search, upstreamUrl),
        { method: req.method, headers: { ...req.headers, via: 'naive' } },
        (answer) => {
          const body: Buffer[] = [];
          answer.on('data', (piece: Buffer) => body.push(piece));
          answer.on('error', () => res.end(Buffer.concat(body)));
          answer.on('end', () => {
            const { 'content-length': _length, 'transfer-encoding': _coding, ...fields } = answer.headers;
            res.writeHead(answer.statusCode ?? 200, { ...fields, 'x-proxy': 'naive' });
            res.end(Buffer.concat(body));
          });
        },
      );
      out.on('error', (error) => {
        res.statusCode = 500;
        res.end(`${error.message} at ${upstreamUrl}`);
      });
      out.end(Buffer.concat(pieces));
    });
  });
  server.on('clientError', (_error, socket) => socket.destroy());
  return running(server);
};

/** Express with http-proxy-middleware as its documentation sets it up. */
const startMiddleware: StartProxy = async (upstreamUrl) => {
  const app = express();
  const quiet = { info: () => {}, warn: () => {}, error: () => {} };
  app.use(
    createProxyMiddleware({ target: upstreamUrl, changeOrigin: false, xfwd: true, ws: true, logger: quiet }),
  );
  return running(createHttpServer(app));
};

async function running(server: Server): Promise<RunningProxy> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const stop = async (): Promise<void> => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    drain: stop,
    stop,
  };
}

/** Paths that each clause of the conformance table must be seen to fail against, one of them at least. */
export const brokenProxies = {
  relay: startRelay,
  buffering: startBuffering,
  middleware: startMiddleware,
} satisfies Record<string, StartProxy>;

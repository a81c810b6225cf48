import { Agent } from 'node:http';
import express from 'express';
import { createProxyMiddleware } from 'http-proxy-middleware';

/** Express 5 with http-proxy-middleware 4: no needless middleware, a keep-alive agent, as its recipes say. */
const app = express();
app.disable('x-powered-by');
app.disable('etag');
app.use(
  createProxyMiddleware({
    target: `http://127.0.0.1:${process.env.UPSTREAM_PORT}`,
    changeOrigin: false,
    xfwd: true,
    ws: true,
    agent: new Agent({ keepAlive: true, maxSockets: 1024, maxFreeSockets: 256 }),
  }),
);
app.listen(Number(process.env.PORT), '127.0.0.1');

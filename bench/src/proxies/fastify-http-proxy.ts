import proxy from '@fastify/http-proxy';
import fastify from 'fastify';

/** As the documentation of @fastify/http-proxy says for speed: undici, many connections, no pipelining, no log. */
const server = fastify({ logger: false });
await server.register(proxy, {
  upstream: `http://127.0.0.1:${process.env.UPSTREAM_PORT}`,
  undici: { connections: 256, pipelining: 1, keepAliveTimeout: 60_000 },
});
await server.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });

import { integer, oneOf, readServiceConfig } from '../src/config.ts';
import { createReleaseStack, runService } from '../src/lifecycle.ts';
import { createMetricsServer } from '../src/metrics-server.ts';

/** A process for the tests of the lifecycle: no calls, only pages for operators. */
await runService({
  name: 'tiny',
  readConfig: (env) =>
    readServiceConfig(env, {
      port: integer('TINY_PORT', { min: 0, max: 65_535 }),
      stopMs: integer('TINY_STOP_MS', { fallback: 0, min: 0, max: 600_000 }),
      drainTimeoutMs: integer('DRAIN_TIMEOUT_MS', { fallback: 0, min: 0, max: 600_000 }),
      logLevel: oneOf('LOG_LEVEL', ['info', 'debug'], { fallback: 'info' }),
    }),
  compose: (config, { logger, metrics }) => {
    const releases = createReleaseStack();
    return {
      async listen() {
        const pages = createMetricsServer({ metrics, isReady: () => false, logger });
        releases.push('pages', pages.stop);
        releases.push('a slow part', () => new Promise((resolve) => setTimeout(resolve, config.stopMs)));
        const { port } = await pages.listen({ port: config.port, host: '127.0.0.1' });
        return { port };
      },
      stop: releases.unwind,
    };
  },
});

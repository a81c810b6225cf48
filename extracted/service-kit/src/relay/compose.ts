import { createDatabase } from '../database.ts';
import { createReleaseStack, type RunningService, type ServiceParts } from '../lifecycle.ts';
import { createMetricsServer } from '../metrics-server.ts';
import { readAcknowledgements } from '../queues/acknowledgements.ts';
import { connectProducer, connectWorker } from '../queues/connection.ts';
import { createEventQueues } from '../queues/event-queues.ts';
import { createRelayMetrics } from '../queues/queue-metrics.ts';
import { createRelay, OUTBOX_CHANNEL } from '../queues/relay.ts';
import type { RelayConfig } from './config.ts';

const POOL_MAX = 3;

/** A process that brings the events of one outbox to their queues. Nothing is connected before `listen`. */
export function createRelayProcess(config: RelayConfig, parts: ServiceParts): RunningService {
  const { logger, metrics, random } = parts;
  const { redisUrl, prefix, source, table } = config;
  const releases = createReleaseStack();

  const run = async (): Promise<Record<string, unknown>> => {
    const database = createDatabase(config.databaseUrl, {
      schema: config.schema,
      name: `relay of ${source}`,
      logger,
      metrics,
      random,
      poolMax: POOL_MAX,
      streamsMax: 1,
    });
    releases.push('database', () => database.end());
    const putting = connectProducer(redisUrl, { logger });
    releases.push('connection of the queues', () => putting.close());
    const queues = createEventQueues({
      connection: putting,
      routes: config.routes,
      logger,
      prefix,
      waitingMax: config.waitingMax,
    });
    releases.push('queues', () => queues.close());
    const relay = createRelay({
      database,
      queues,
      source,
      table,
      logger,
      random,
      metrics: createRelayMetrics(metrics),
      pollMs: config.pollMs,
      resend: { afterMs: config.resendAfterMs },
    });
    releases.push('relay', () => relay.stop());
    const reader = readAcknowledgements({
      connection: connectWorker(redisUrl, { logger }),
      prefix,
      source,
      logger,
      take: relay.acknowledge,
    });
    releases.push('acknowledgements', () => reader.stop());
    putting.onReady(relay.sendAllAgain);
    const listener = database.listen(OUTBOX_CHANNEL, relay.wake);
    releases.push('listener', () => listener.stop());
    relay.start();
    if (config.metricsPort === null) return { source };
    const operators = createMetricsServer({ metrics, isReady: database.healthy, logger });
    const { port } = await operators.listen({ port: config.metricsPort, host: config.host });
    releases.push('listener for operators', () => operators.stop());
    return { source, metricsPort: port };
  };

  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopped ??= releases.unwind();
    return stopped;
  };
  return {
    async listen() {
      try {
        return await run();
      } catch (error) {
        await stop();
        throw error;
      }
    },
    stop,
  };
}

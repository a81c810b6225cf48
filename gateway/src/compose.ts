import { createAdminListener } from './admin/admin-listener.ts';
import type { GatewayConfig } from './config/config.ts';
import { createDial } from './datapath/dial.ts';
import { createForwardingRule } from './datapath/forwarding.ts';
import { createDataPathLimits } from './datapath/limits.ts';
import { createUpstream } from './datapath/upstream.ts';
import { createBackendHealth } from './http/backend-health.ts';
import { createPublicListener } from './http/public-listener.ts';
import type { RequestObserver } from './http/request-context.ts';
import { createListenFailure, openPorts } from './lifecycle/listen-failure.ts';
import { createReadiness } from './lifecycle/readiness.ts';
import { createReleaseStack } from './lifecycle/release-stack.ts';
import { observeDial } from './proxy/observe-dial.ts';
import { type ReachabilityCheck, startReachabilityCheck } from './proxy/reachability-check.ts';
import { decide } from './rollout/decision.ts';
import { INITIAL_SNAPSHOT } from './rollout/stage.ts';
import { createMatcher } from './routing/matcher.ts';
import { createAccessLog } from './telemetry/access-log.ts';
import { createLastHits } from './telemetry/last-hits.ts';
import type { LogSink } from './telemetry/logger.ts';
import { createMetricsOnDemand } from './telemetry/metrics-on-demand.ts';

export type GatewayParts = {
  readonly log: LogSink;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly monotonicMs: () => number;
  /** Unique per process; begins the ids of its requests. */
  readonly processId: string;
};

export type Gateway = {
  /** All or nothing: what was started is released when a later part fails. */
  start(): Promise<{ readonly port: number; readonly adminPort: number }>;
  /** Not ready, then drained, then closed. */
  stop(): Promise<void>;
  /** Cuts off every client; a `stop` under way then ends at once. */
  cutOff(): void;
};

/** The gateway's one composition root: every object that lives as long as the process is made here. */
export function createGateway(config: GatewayConfig, parts: GatewayParts): Gateway {
  const { limits, listen } = config;
  const { logger } = parts.log;
  const releases = createReleaseStack();
  const readiness = createReadiness();
  const monolith = createBackendHealth(parts.now);
  const metrics = createMetricsOnDemand(
    async () => {
      const { createMetrics } = await import('./telemetry/metrics.ts');
      return createMetrics({ monolith, droppedLogLines: parts.log.droppedLines });
    },
    (error) => logger.error({ err: error }, 'nothing is counted: the metrics could not be loaded'),
  );
  const accessLog = createAccessLog(logger);
  const monolithHits = createLastHits(parts.now);
  let check: ReachabilityCheck | undefined;

  const pathLimits = createDataPathLimits(limits);
  const upstream = createUpstream({
    dial: observeDial(
      createDial({
        url: new URL(config.monolith.url),
        authorities: config.monolith.ca,
        tcpKeepAliveMs: limits.tcpKeepAliveMs,
      }),
      monolith,
    ),
    limits: pathLimits,
    now: parts.monotonicMs,
  });

  const observer: RequestObserver = {
    onRefused: (refusal) => {
      metrics.observer.onRefused(refusal);
      accessLog.onRefused(refusal);
    },
    onStart: (context) => {
      monolithHits.onRequest(context.operation);
      metrics.observer.onStart(context);
    },
    onEnd: (context, end) => {
      // A connection that broke: the monolith is gone, or only that connection.
      if (context.failure?.kind === 'broken' && context.decision.backend === 'monolith') check?.now();
      metrics.observer.onEnd(context, end);
      accessLog.onEnd(context, end);
    },
  };

  let requestCount = 0;
  const publicListener = createPublicListener(
    {
      matchOperation: createMatcher(config.contract?.operations ?? [], config.contract?.matching),
      decide: (operation) => decide(operation, undefined, undefined, INITIAL_SNAPSHOT),
      forward: (exchange) => exchange.forward(upstream),
      answer: () => {
        throw new Error('nothing is carved out');
      },
      upstreams: [upstream],
      forwarding: createForwardingRule(
        config.forwarded.enabled ? 'append' : 'off',
        config.forwarded.trustedProxies,
      ),
      observer,
      nextRequestId: () => {
        requestCount += 1;
        return `${parts.processId}-${requestCount.toString(36)}`;
      },
      monotonicMs: parts.monotonicMs,
      wallClock: () => new Date(parts.now()),
      reportFailure: (error) => logger.error({ err: error }, 'a request could not be handled'),
    },
    pathLimits,
  );
  const adminListener = createAdminListener(async () => {
    const { createAdminApp } = await import('./admin/admin-app.ts');
    const { contract, tokens } = config;
    return createAdminApp({ readiness, monolith, metrics, contract, tokens, monolithHits, logger });
  });

  let wasReady = false;
  const start = async () => {
    releases.defer('the metrics', metrics.release);
    releases.defer('the connections to the monolith', () => upstream.close());
    check = startReachabilityCheck(
      {
        url: config.monolith.url,
        connectTimeoutMs: limits.connectTimeoutMs,
        intervalMs: limits.monolithCheckIntervalMs,
      },
      monolith,
    );
    releases.defer('the check of the monolith', check.stop);
    const openAdminPort = async () => {
      const port = await adminListener
        .listen(listen.adminPort, listen.adminHost)
        .catch(createListenFailure('ADMIN_PORT', 'ADMIN_HOST', listen.adminPort, listen.adminHost));
      releases.defer('the admin port', adminListener.close);
      return port;
    };
    const openPublicPort = async () => {
      const port = await publicListener
        .listen(listen.port, listen.host)
        .catch(createListenFailure('PORT', 'HOST', listen.port, listen.host));
      releases.defer('the public port', async () => {
        const cutOff = await publicListener.drain(limits.drainTimeoutMs, wasReady ? limits.drainDelayMs : 0);
        if (cutOff > 0)
          logger.warn({ connections: cutOff }, 'cut off what did not end within the drain limit');
      });
      return port;
    };
    const [adminPort, port] = await openPorts(openAdminPort, openPublicPort);
    readiness.enter('ready');
    wasReady = true;
    return { port, adminPort };
  };

  const release = () => {
    readiness.enter('draining');
    return releases.release();
  };

  return {
    start: async () => {
      try {
        return await start();
      } catch (error) {
        await release();
        throw error;
      }
    },
    stop: release,
    cutOff: publicListener.destroy,
  };
}

import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { createAdminListener } from './admin/admin-listener.ts';
import type { GatewayConfig, QueuesConfig } from './config/config.ts';
import { createDial } from './datapath/dial.ts';
import { createForwardingRule } from './datapath/forwarding.ts';
import { createDataPathLimits } from './datapath/limits.ts';
import { createUpstream } from './datapath/upstream.ts';
import { createBackendHealth } from './http/backend-health.ts';
import { createPublicListener } from './http/public-listener.ts';
import type { RequestObserver } from './http/request-context.ts';
import type { Callers } from './identity/callers.ts';
import { createListenFailure, openPorts } from './lifecycle/listen-failure.ts';
import { createReadiness } from './lifecycle/readiness.ts';
import { createReleaseStack } from './lifecycle/release-stack.ts';
import type { Overrides } from './overrides/overrides.ts';
import { observeDial } from './proxy/observe-dial.ts';
import { type ReachabilityCheck, startReachabilityCheck } from './proxy/reachability-check.ts';
import type { Queues } from './queues/queues.ts';
import { createQueuesOnDemand } from './queues/queues-on-demand.ts';
import { sampleQueues } from './queues/sampled-queues.ts';
import type { Flags } from './rollout/flags.ts';
import { createMatcher } from './routing/matcher.ts';
import type { Shadow } from './shadow/shadow.ts';
import { createAcceptFailures } from './telemetry/accept-failures.ts';
import { createAccessLog } from './telemetry/access-log.ts';
import { createFlagCounts } from './telemetry/flag-counts.ts';
import { createLastHits } from './telemetry/last-hits.ts';
import type { LogSink } from './telemetry/logger.ts';
import { createMetricsOnDemand } from './telemetry/metrics-on-demand.ts';
import type { Tracing } from './telemetry/tracing.ts';
import type { TracingSettings } from './telemetry/tracing-settings.ts';
import { createTraffic } from './telemetry/traffic.ts';
import type { CarveOuts } from './translate/carve-outs.ts';

export type GatewayParts = {
  readonly log: LogSink;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly monotonicMs: () => number;
  /** Unique per process; begins the ids of its requests. */
  readonly processId: string;
  /** Undefined: nothing is traced. */
  readonly tracing?: TracingSettings | undefined;
};

/** What a stop may take beyond the drain, to send the spans of the last requests. */
const LAST_SPANS_MS = 2_000;

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
  const services = () => carvedOut?.report() ?? [];
  const metrics = createMetricsOnDemand(
    async () => {
      const { createMetrics } = await import('./telemetry/metrics.ts');
      const decidedBy = () => carvedOut?.rollout().version;
      const rollout = () => flags && { flags, decidedBy, counts: flagCounts, now: parts.now };
      const droppedLogLines = parts.log.droppedLines;
      return createMetrics({
        monolith,
        services,
        droppedLogLines,
        rollout,
        shadow: () => shadow,
        tracing: () => tracing,
        queues: () => queues && sampleQueues(queues, parts.monotonicMs),
      });
    },
    (error) => logger.error({ err: error }, 'nothing is counted: the metrics could not be loaded'),
  );
  const accessLog = createAccessLog(logger);
  const monolithHits = createLastHits(parts.now);
  const traffic = createTraffic(parts.monotonicMs);
  const flagCounts = createFlagCounts();
  const replica = `${hostname()}:${listen.port || parts.processId}`;
  let check: ReachabilityCheck | undefined;
  let callers: Callers | undefined;
  let flags: Flags | undefined;
  let carvedOut: CarveOuts | undefined;
  let shadow: Shadow | undefined;
  let overrides: Overrides | undefined;
  let tracing: Tracing | undefined;
  let queues: Queues | undefined;

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
    onStart: (context) => metrics.observer.onStart(context),
    onEnd: (context, end) => {
      // A connection that broke: the monolith is gone, or only that connection.
      if (context.failure?.kind === 'broken' && context.servedBy === 'monolith') check?.now();
      context.trace?.end(context, end);
      metrics.observer.onEnd(context, end);
      traffic.observer.onEnd(context, end);
      accessLog.onEnd(context, end);
    },
  };

  const onAcceptFailed = createAcceptFailures(logger, parts.monotonicMs);

  let requestCount = 0;
  const publicListener = createPublicListener(
    {
      matchOperation: createMatcher(config.contract?.operations ?? [], config.contract?.matching),
      ownOperation: (head) => carvedOut?.ownOperation(head),
      rollout: () => carvedOut?.rollout(),
      overrides: () => overrides,
      accountOf: async (head, route, signal) => {
        const audience = route?.carveOut ?? config.carveOuts[0]?.carveOut.name ?? '';
        return callers?.accountOf(head, audience, signal);
      },
      startTrace: (head, operation) => tracing?.start(head, operation),
      forward: (exchange, context) => {
        monolithHits.onRequest(context.operation);
        const { decision, trace } = context;
        const tap =
          decision.samplePercent > 0 ? shadow?.observe(exchange.head, context, exchange.peer) : undefined;
        if (tap === undefined && trace === undefined) exchange.forward(upstream);
        else exchange.forward(upstream, { tap, request: trace?.toMonolith() });
      },
      answer: (exchange, context) => carvedOut?.answer(exchange, context),
      onForwarded: (exchange, context) => callers?.onForwarded(exchange, context),
      onOverrideRefused: flagCounts.onRefused,
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
      onAcceptFailed,
    },
    pathLimits,
  );
  const adminListener = createAdminListener(async () => {
    const { createAdminApp } = await import('./admin/admin-app.ts');
    const { contract, tokens } = config;
    return createAdminApp({
      readiness,
      monolith,
      services,
      metrics,
      contract,
      tokens,
      monolithHits,
      logger,
      monotonicMs: parts.monotonicMs,
      traffic,
      replica,
      onRefused: flagCounts.onRefused,
      ...(flags && { flags }),
      ...(carvedOut && { rollout: carvedOut.rollout }),
      ...(shadow && { shadow }),
      ...(overrides && { overrides }),
      ...(queues && { queues }),
    });
  }, onAcceptFailed);

  /** gRPC, and all that only carved-out operations need, is loaded here or not at all. */
  const startCarveOuts = async () => {
    const [{ createCallers }, { createFlagStore }, { createFlags }, { createCarveOuts }, { createShadow }] =
      await Promise.all([
        import('./identity/callers.ts'),
        import('./rollout/stores/create-flag-store.ts'),
        import('./rollout/stores/create-flags.ts'),
        import('./translate/carve-outs.ts'),
        import('./shadow/create-shadow.ts'),
      ]);
    const { identity, monolith, contract } = config;
    const { now, monotonicMs } = parts;
    callers = await createCallers({ identity, monolith, now, monotonicMs, logger });
    releases.defer('the identities', callers.stop);
    await callers.start();
    flags = createFlags({
      store: await createFlagStore(config),
      dataDir: config.dataDir,
      replica,
      now,
      monotonicMs,
      newId: randomUUID,
      logger,
    });
    releases.defer('the flags', flags.stop);
    const running = await createCarveOuts({
      active: config.carveOuts,
      operations: contract?.operations ?? [],
      matching: contract?.matching,
      flags,
      identity: callers.source,
      fallBack: publicListener.fallBack,
      dataDir: config.dataDir,
      now,
      monotonicMs,
      logger,
    });
    carvedOut = running;
    releases.defer('the services', running.stop);
    shadow = createShadow({
      operationOf: running.operationOf,
      routeOf: (operationId) => running.rollout().routeOf(operationId),
      identity: callers.source,
      monolith,
      random: Math.random,
      now,
      monotonicMs,
      logger,
    });
    releases.defer('the shadow reads', shadow.stop);
    // Who owns what, and what the flags say, is asked at the same time: each of them may be away.
    await Promise.all([running.start(limits.connectTimeoutMs), flags.start(limits.connectTimeoutMs)]);
    // What was found is no flip.
    flagCounts.follow(flags);
  };

  const startOverrides = async (setting: string) => {
    const [{ createOverrides }, { createOverrideNames }] = await Promise.all([
      import('./overrides/overrides.ts'),
      import('./overrides/override-names.ts'),
    ]);
    const names = createOverrideNames(config.contract?.operations ?? [], config.declaredCarveOuts);
    overrides = await createOverrides({ setting, now: parts.now, newId: randomUUID, logger, names });
    releases.defer('the overrides', overrides.stop);
  };

  /** BullMQ is loaded when an operator or a reader of the metrics first asks, and without queues never. */
  const startQueues = (settings: QueuesConfig) => {
    queues = createQueuesOnDemand(settings, { now: parts.now, logger });
    releases.defer('the queues', queues.close);
  };

  /** OpenTelemetry is loaded here or not at all. */
  const startTracing = async (settings: TracingSettings) => {
    const { createTracing } = await import('./telemetry/tracing.ts');
    const started = await createTracing(settings, {
      service: 'banyan-gateway',
      instance: parts.processId,
      logger,
    });
    tracing = started;
    // Behind the drain, so that the last requests are in it.
    releases.defer('the traces', () => started.stop(Math.min(limits.drainTimeoutMs, LAST_SPANS_MS)));
  };

  let wasReady = false;
  const start = async () => {
    releases.defer('the metrics', metrics.release);
    if (parts.tracing !== undefined) await startTracing(parts.tracing);
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
    if (config.overrideKeys !== undefined) await startOverrides(config.overrideKeys);
    if (config.queues !== undefined) startQueues(config.queues);
    if (config.carveOuts.length > 0) await startCarveOuts();
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
        const left = await carvedOut?.settle(limits.drainTimeoutMs);
        if (left) logger.warn({ writes: left }, 'left writes whose clients are gone');
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

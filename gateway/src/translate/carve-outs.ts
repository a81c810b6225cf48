import { join } from 'node:path';
import { type Bff, createBff } from '../bff/bff.ts';
import type { AnyCarveOut } from '../carve-out/define.ts';
import { type ChannelRegistry, createChannelRegistry } from '../channels/channel-registry.ts';
import { followHealth } from '../channels/follow-health.ts';
import type { ServingState } from '../channels/watch-health.ts';
import type { RequestContext } from '../http/request-context.ts';
import { createOwnerFile } from '../ownership/owner-file.ts';
import { createOwnerMirror, type KnownOwner, type OwnerMirror } from '../ownership/owner-mirror.ts';
import { createBreaker } from '../resilience/breaker.ts';
import { createBulkhead } from '../resilience/bulkhead.ts';
import { createRetryBudget } from '../resilience/retry-budget.ts';
import type { Flags } from '../rollout/flags.ts';
import { compileRoutes, OWN_ROUTE, type Rollout } from '../rollout/routes.ts';
import { EXPRESS_MATCHING } from '../routing/matcher.ts';
import type { Operation } from '../routing/operation.ts';
import { createParameterReader } from '../routing/path-parameters.ts';
import type { PathMatching } from '../routing/path-template.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { ActiveCarveOut, CarvedOperation } from './carved-operation.ts';
import type { IdentitySource } from './identity-source.ts';
import { createIdentityMetadata, createServiceBinder, methodNamed } from './service-client.ts';
import { CALLS_MAX, type CallOutcome, type ServiceLink, STREAMS_MAX } from './service-link.ts';
import type { TranslationParts } from './translation-run.ts';
import { createTranslator, type Translator } from './translator.ts';

/** What is known of one carve-out's service, for `/readyz` and metrics. */
export type ServiceReport = {
  readonly name: string;
  readonly state: ServingState;
  readonly sinceMs: number;
  readonly owner: KnownOwner | undefined;
  readonly breaker: 'closed' | 'open' | 'half-open';
  readonly callsUnderWay: number;
  readonly callsWaiting: number;
  readonly streamsUnderWay: number;
  /** Calls since the start, by how they ended. */
  readonly calls: Readonly<Partial<Record<CallOutcome, number>>>;
};

export type CarveOuts = Omit<Translator, 'run'> & {
  /** Of the gateway's own, where an active carve-out has jobs. */
  ownOperation: Bff['operationOf'];
  /** Connects, and learns who owns what, as far as that can be had within the limit. */
  start(limitMs: number): Promise<void>;
  stop(): Promise<void>;
  report(): readonly ServiceReport[];
  /** What holds now: another object after every change of flags, kills or owners. */
  rollout(): Rollout;
  operationOf(operationId: string): CarvedOperation | undefined;
};

export type CarveOutsParts = {
  readonly active: readonly { readonly carveOut: AnyCarveOut; readonly target: string }[];
  readonly operations: readonly Operation[];
  readonly matching: PathMatching | undefined;
  readonly flags: Pick<Flags, 'snapshot' | 'kills' | 'onChange'>;
  readonly identity: IdentitySource;
  readonly fallBack: TranslationParts['fallBack'];
  readonly dataDir: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly monotonicMs: () => number;
  readonly logger: Logger;
};

/** Everything that active carve-outs need, put together. Loading this file loads gRPC. */
export async function createCarveOuts(parts: CarveOutsParts): Promise<CarveOuts> {
  const { logger, now, monotonicMs } = parts;
  const channels = createChannelRegistry(monotonicMs);
  const services: Service[] = [];
  for (const each of parts.active) services.push(await createService(each, channels, parts));

  const owners: OwnerMirror = createOwnerMirror({
    followed: services.map(({ active }) => ({
      aggregate: active.carveOut.aggregate,
      channel: active.link.channel,
    })),
    file: createOwnerFile(join(parts.dataDir, 'owners.json'), (err) =>
      logger.warn({ err }, 'who owned what before the start cannot be read; it is asked anew'),
    ),
    now,
    logger,
  });
  const operations = services.flatMap(({ active }) => carvedOperations(active, parts));
  const byId = new Map(operations.map((each) => [each.operation.operationId, each]));
  const { flags } = parts;
  const compile = () =>
    compileRoutes(
      operations.map(({ carvedOut }) => carvedOut),
      owners.ownerOf,
      flags.snapshot(),
      flags.kills(),
    );
  let rollout = compile();
  const recompile = (): void => {
    rollout = compile();
  };
  const bff = createBff({
    active: services.map(({ active }) => active),
    operations,
    ownerOf: (aggregate) => owners.ownerOf(aggregate)?.owner,
    now,
  });
  const translator = createTranslator({
    identity: parts.identity,
    now,
    schedule,
    tasks: new Map(operations.map((carved) => [carved.operation, bff.taskOf(carved)])),
    fallBack: parts.fallBack,
    reportInternal: (context: RequestContext, cause: unknown) =>
      logger.error(
        { err: cause, id: context.id, operation: context.operation?.operationId },
        'a translation failed',
      ),
  });

  const stops: (() => void)[] = [];
  return {
    answer: async (exchange, context) => {
      if (context.decision === OWN_ROUTE.decision) await bff.answer(exchange, context, translator.run);
      else await translator.answer(exchange, context);
    },
    settle: translator.settle,
    ownOperation: bff.operationOf,
    start: async (limitMs) => {
      stops.push(flags.onChange(recompile), owners.onChange(recompile));
      for (const service of services) stops.push(service.watch());
      await owners.start(limitMs);
    },
    stop: async () => {
      for (const stop of stops.splice(0)) stop();
      await owners.stop();
      channels.close();
    },
    report: () => services.map((service) => service.report(owners.read(service.active.carveOut.aggregate))),
    rollout: () => rollout,
    operationOf: (operationId) => byId.get(operationId),
  };
}

/** A breaker that nobody's calls can close, because flags send none any more, is closed by the service's health. */
const UNCALLED_MS = 10_000;

type Service = {
  readonly active: ActiveCarveOut;
  watch(): () => void;
  report(owner: KnownOwner | undefined): ServiceReport;
};

async function createService(
  { carveOut, target }: CarveOutsParts['active'][number],
  channels: ChannelRegistry,
  { logger, now, monotonicMs }: CarveOutsParts,
): Promise<Service> {
  const { service: definition } = await carveOut.client();
  const { name } = carveOut;
  const calls: Partial<Record<CallOutcome, number>> = {};
  let state: ServingState = 'away';
  let sinceMs = now();
  let calledMs = Number.NEGATIVE_INFINITY;
  const link: ServiceLink = {
    channel: channels.to(target),
    breaker: createBreaker(monotonicMs, (breaker) => logger.warn({ service: name, breaker }, 'breaker')),
    bulkhead: createBulkhead(CALLS_MAX),
    streams: createBulkhead(STREAMS_MAX),
    retries: createRetryBudget(),
    onCall: (outcome) => {
      calledMs = monotonicMs();
      calls[outcome] = (calls[outcome] ?? 0) + 1;
    },
  };
  return {
    active: {
      carveOut,
      target,
      link,
      bind: createServiceBinder(definition),
      metadataOf: createIdentityMetadata(),
      methodOf: (method) => methodNamed(definition, method),
    },
    watch: () =>
      followHealth(link.channel, {
        onState: (next) => {
          if (next === state) return;
          state = next;
          sinceMs = now();
          logger.info({ service: name, state }, 'service');
        },
        onServing: () => {
          const isCalled = link.bulkhead.active > 0 || monotonicMs() - calledMs < UNCALLED_MS;
          if (link.breaker.state === 'closed' || isCalled) return;
          if (link.breaker.tryEnter()) link.breaker.report('success');
        },
      }),
    report: (owner) => ({
      name,
      state,
      sinceMs,
      owner,
      breaker: link.breaker.state,
      callsUnderWay: link.bulkhead.active,
      callsWaiting: link.bulkhead.waiting,
      streamsUnderWay: link.streams.active,
      calls,
    }),
  };
}

function carvedOperations(
  active: ActiveCarveOut,
  { operations, matching }: Pick<CarveOutsParts, 'operations' | 'matching'>,
): CarvedOperation[] {
  const { carveOut } = active;
  return operations.flatMap((operation) => {
    const translation = carveOut.operations[operation.operationId];
    if (translation === undefined) return [];
    return {
      operation,
      active,
      translation,
      deadlineMs: translation.deadlineMs ?? carveOut.deadlineMs,
      readParameters: createParameterReader(operation, matching ?? EXPRESS_MATCHING),
      carvedOut: {
        operationId: operation.operationId,
        carveOut: carveOut.name,
        aggregate: carveOut.aggregate,
        kind: translation.kind,
      },
    };
  });
}

function schedule(afterMs: number, run: () => void): () => void {
  const timer = setTimeout(run, afterMs);
  return () => clearTimeout(timer);
}

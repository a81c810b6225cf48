import type { RequestListener } from 'node:http';
import { DirectoryServiceClient } from '@banyan/contracts/directory/v1/directory';
import { until } from '@banyan/stack/testing/until';
import type { CompareOptions } from '../../src/carve-out/compare-options.ts';
import type { ResponseTap } from '../../src/datapath/response-tap.ts';
import type { RequestContext } from '../../src/http/request-context.ts';
import { forwardedFor } from '../../src/rollout/decision.ts';
import type { Stage } from '../../src/rollout/stage.ts';
import { EXPRESS_MATCHING } from '../../src/routing/matcher.ts';
import { createParameterReader } from '../../src/routing/path-parameters.ts';
import { createShadow, type ShadowLimits } from '../../src/shadow/create-shadow.ts';
import type { Shadow, ShadowReport, SkipReason } from '../../src/shadow/shadow.ts';
import { createLogSink } from '../../src/telemetry/logger.ts';
import type { CarvedOperation } from '../../src/translate/carved-operation.ts';
import type { IdentityAnswer } from '../../src/translate/identity-source.ts';
import {
  createIdentityMetadata,
  createServiceBinder,
  methodNamed,
} from '../../src/translate/service-client.ts';
import { parseRequestHead, RequestHead } from '../../src/wire/request-head.ts';
import { startUpstream } from '../support/upstream.ts';
import { flightsCarveOut } from '../translate/support/flights-carve-out.ts';
import { startTestService, type TestService } from '../translate/support/test-service.ts';
import { FLIGHT_OPERATIONS } from '../translate/support/with-flights.ts';

/** A shadow by itself: what the monolith answered is fed to its tap, without a gateway around it. */
export type RunningShadow = {
  readonly shadow: Shadow;
  readonly service: TestService;
  /** Requests that the monolith got from the shadow, as it got them. */
  readonly asked: { readonly method: string; readonly url: string; readonly headers: string[] }[];
  stage: Stage;
  /** As if the monolith had answered; false where the request was not to be compared. */
  feed(request: Fed, answer?: FedAnswer): boolean;
  /** Observes, and leaves the feeding to the caller. */
  tapOf(request: Fed): ResponseTap | undefined;
  report(operationId?: string): ShadowReport;
  /** Waits until so many have been compared, or skipped for what is asked of the service. */
  untilDone(count: number, operationId?: string): Promise<ShadowReport>;
};

export type Fed = {
  readonly target: string;
  readonly method?: string;
  readonly version?: '1.0';
  readonly headers?: readonly string[];
  readonly samplePercent?: number;
};
export type FedAnswer = {
  readonly status?: number;
  readonly headers?: readonly (readonly [string, string])[];
  readonly body?: string | Buffer;
  readonly isWhole?: boolean;
};

export type ShadowOptions = {
  /** What the monolith answers when it is asked again. */
  readonly monolith?: RequestListener;
  readonly limits?: Partial<ShadowLimits>;
  readonly identify?: () => Promise<IdentityAnswer>;
  readonly compare?: CompareOptions;
  readonly random?: () => number;
  /** The operations' own. */
  readonly deadlineMs?: number;
};

export const DEADLINE_MS = 30_000;
/** Of what was let in: everything else is said at once. */
const LATE: readonly SkipReason[] = [
  'caller-unknown',
  'flag-changed',
  'internal',
  'memory-full',
  'monolith-unavailable',
  'monolith-too-large',
  'repeats-full',
  'service-late',
  'service-too-large',
  'service-unavailable',
  'stopped',
];

/** Of the flight with this id, as the honest service's translation writes it; for account 7. */
export const flightJson = (id: number, number = `MA${id}`): string =>
  `{"id":${id},"number":"${number}","for":"7"}`;

function idIn(target: string): number {
  return Number(/^\/flights\/(\d+)/.exec(target)?.[1]);
}

/** What the carve-out answers of itself; `expressJson` adds the rest. */
export function honest(body: string): FedAnswer {
  return {
    headers: [
      ['X-Powered-By', 'Express'],
      ['Content-Type', 'application/json; charset=utf-8'],
      ['Content-Length', String(Buffer.byteLength(body))],
      ['Set-Cookie', 'sid=7; Expires=Sun, 22 Nov 2026 12:00:00 GMT'],
      ['Date', 'Sun, 22 Nov 2026 11:30:00 GMT'],
    ],
    body,
  };
}

/** A monolith that answers flights as the honest service does. */
export const honestMonolith: RequestListener = (request, response) => {
  const { headers, body } = honest(flightJson(idIn(request.url ?? '')));
  for (const [name, value] of headers ?? []) response.setHeader(name, value);
  response.end(body);
};

export async function withShadow<T>(
  options: ShadowOptions,
  work: (running: RunningShadow) => Promise<T>,
): Promise<T> {
  await using service = await startTestService();
  const asked: RunningShadow['asked'] = [];
  await using monolith = await startUpstream((request, response) => {
    asked.push({ method: request.method ?? '', url: request.url ?? '', headers: request.rawHeaders });
    (options.monolith ?? honestMonolith)(request, response);
  });
  const log = createLogSink('silent', 1);
  const { service: definition } = DirectoryServiceClient;
  const carved = new Map<string, CarvedOperation>();
  for (const operation of FLIGHT_OPERATIONS) {
    const translation = Object.entries(flightsCarveOut.operations).find(
      ([name]) => name === operation.operationId,
    )?.[1];
    if (translation === undefined) continue;
    carved.set(operation.operationId, {
      operation,
      active: {
        carveOut: flightsCarveOut,
        target: service.target,
        get link(): never {
          throw new Error("clients' own link is not to be used");
        },
        bind: createServiceBinder(definition),
        metadataOf: createIdentityMetadata(),
        methodOf: (name) => methodNamed(definition, name),
      },
      translation: { ...translation, ...(options.compare ? { compare: options.compare } : {}) },
      deadlineMs: options.deadlineMs ?? DEADLINE_MS,
      readParameters: createParameterReader(operation, EXPRESS_MATCHING),
      carvedOut: {
        operationId: operation.operationId,
        carveOut: 'flights',
        aggregate: 'flights',
        kind: translation.kind,
      },
    });
  }
  const identity = { account: '7', role: 'customer', name: 'Ann', via: 'session' } as const;
  const shadow = createShadow({
    operationOf: (operationId) => carved.get(operationId),
    routeOf: () => ({ stage: running.stage }),
    identity: {
      identify:
        options.identify ??
        (async () => ({
          kind: 'known',
          identity,
          token: 'token',
          renew: () => [['Set-Cookie', 'sid=7; Expires=never']],
        })),
    },
    monolith,
    random: options.random ?? (() => 0),
    now: () => Date.now(),
    monotonicMs: () => performance.now(),
    logger: log.logger,
    limits: { deadlineMs: DEADLINE_MS, ...options.limits },
  });
  let count = 0;
  const tapOf: RunningShadow['tapOf'] = ({
    target,
    method = 'GET',
    version = '1.1',
    headers = [],
    samplePercent = 100,
  }) => {
    const text = [`${method} ${target} HTTP/${version}`, 'Host: meridian.example', ...headers, '', ''].join(
      '\r\n',
    );
    const bytes = Buffer.from(text, 'latin1');
    const head = parseRequestHead(bytes, 0, bytes.length);
    if (!(head instanceof RequestHead)) throw new Error('no head');
    const [path = ''] = target.split('?');
    const operation = FLIGHT_OPERATIONS.find((each) =>
      new RegExp(`^${each.path.replace('{id}', '[^/]+').replace('.', '\\.')}$`).test(path),
    );
    count += 1;
    const context = {
      id: `test-${count}`,
      method,
      target,
      operation,
      decision: forwardedFor('stage-shadow', samplePercent),
    };
    const tap = shadow.observe(head, context as unknown as RequestContext);
    // The connection goes on: its memory is used again.
    bytes.fill(0);
    return tap;
  };
  const report = (operationId = 'getFlight'): ShadowReport =>
    shadow.report().find((each) => each.operationId === operationId) ?? {
      operationId,
      carveOut: 'flights',
      compared: 0,
      equal: 0,
      different: 0,
      unrepeated: 0,
      skipped: {},
      fields: [],
    };
  const running: RunningShadow = {
    shadow,
    service,
    asked,
    stage: 'shadow',
    tapOf,
    feed: (request, answer = honest(flightJson(idIn(request.target)))) => {
      const tap = tapOf(request);
      if (tap === undefined) return false;
      const { status = 200, headers = [], body = '', isWhole = true } = answer;
      tap.onHead(status, headers);
      const bytes = Buffer.from(body);
      if (bytes.length > 0) tap.onBody(bytes);
      // As a socket's buffer that was freed.
      bytes.fill(0);
      tap.onEnd(isWhole);
      return true;
    },
    report,
    untilDone: (wanted, operationId) =>
      until(
        () => {
          const said = report(operationId);
          const skipped = LATE.reduce((sum, reason) => sum + (said.skipped[reason] ?? 0), 0);
          return said.compared + skipped >= wanted ? said : undefined;
        },
        { deadlineMs: DEADLINE_MS, what: `${wanted} comparisons` },
      ),
  };
  try {
    return await work(running);
  } finally {
    await shadow.stop();
    await log.close();
  }
}

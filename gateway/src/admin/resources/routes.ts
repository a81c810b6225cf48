import type { Route as ShownRoute } from '@banyan/openapi/generated/admin';
import type { Rollout } from '../../rollout/routes.ts';
import type { Operation } from '../../routing/operation.ts';
import type { ApiParts } from '../admin-parts.ts';
import { describeRoute } from '../describe-route.ts';
import { judgeRoute } from '../flag-desk.ts';
import { createLastFlips } from '../last-flips.ts';
import { Refusal } from '../problem.ts';
import { type BodyOf, digits, type Reading, type Resource } from '../resource.ts';
import type { ChangeFlags } from './change-flags.ts';

const SECONDS_MIN = 10;
const SECONDS_MAX = 300;

/** `/routes` and `/routes/{operationId}`. */
export function createRoutes(parts: ApiParts, changeFlags: ChangeFlags): readonly Resource[] {
  const { flags, rollout, operations } = parts;
  const lastFlips = createLastFlips(flags);
  const query = { seconds: digits(SECONDS_MIN, SECONDS_MAX) };

  /** At one version, whatever happens while it is put together. */
  const describe = async (shown: readonly Operation[], seconds: unknown) => {
    const flips = await lastFlips.read();
    const current: Rollout = rollout();
    const { version } = flags.snapshot();
    const services = parts.services();
    const shadow = new Map(parts.shadow?.report().map((report) => [report.operationId, report]));
    const routes = shown.map((operation): ShownRoute => {
      const { operationId } = operation;
      const route = current.routeOf(operationId);
      const epoch = services.find(({ name }) => name === route?.carveOut)?.owner?.epoch;
      return describeRoute(operation, {
        route,
        epoch: epoch === undefined ? null : Number(epoch),
        lastMonolithHitMs: parts.monolithHits.of(operation),
        lastFlip: flips.get(operationId),
        traffic: parts.traffic?.of(operationId, seconds as number | undefined) ?? [],
        shadow: shadow.get(operationId),
      });
    });
    return { routes, version };
  };

  const list: Reading<BodyOf<'listRoutes'>> = {
    query,
    answer: async ({ query: { seconds } }) => {
      const { routes, version } = await describe(operations, seconds);
      return { body: routes, version };
    },
  };
  const one: Reading<BodyOf<'getRoute'>> = {
    query,
    answer: async ({ params, query: { seconds } }) => {
      const target = params.operationId as string;
      const { routes, version } = await describe(
        operations.filter(({ operationId }) => operationId === target),
        seconds,
      );
      const [route] = routes;
      if (route !== undefined) return { body: route, version };
      const cut = target.slice(0, 120);
      throw new Refusal('unknown-operation', `There is no operation ${JSON.stringify(cut)}.`, {
        target: cut,
      });
    },
  };
  return [
    { path: '/routes', get: list },
    { path: '/routes/:operationId', get: one, put: (request) => changeFlags(judgeRoute, request) },
  ];
}

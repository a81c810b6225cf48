import type { Rollout, Route } from '../rollout/routes.ts';
import type { Operation } from '../routing/operation.ts';
import type { ServiceReport } from '../translate/carve-outs.ts';
import { Refusal } from './problem.ts';

/** How things stand when a wish is judged: what there is, who owns it, and which services serve. */
export type Standing = {
  /** Of the contract. */
  readonly operations: readonly Pick<Operation, 'operationId'>[];
  /** Of the active carve-outs. */
  readonly rollout: Pick<Rollout, 'routes' | 'routeOf'>;
  readonly services: readonly Pick<ServiceReport, 'name' | 'state' | 'breaker'>[];
};

/** As everything shows who owns. */
export type ShownOwner = 'monolith' | 'service' | 'nobody' | 'unknown';

export function ownerOf({ owner }: Pick<Route, 'owner'>): ShownOwner {
  return owner ?? 'unknown';
}

const OWNER_SAYS: Readonly<Record<ShownOwner, string>> = {
  monolith: 'to the monolith now',
  service: 'to the service now',
  nobody: 'nowhere now, for nobody owns',
  unknown: 'who owns is not known yet',
};

/** The route of a read that is carved out. Throws the refusal that says what else was named. */
export function findRead(target: string, standing: Standing): Route {
  const route = standing.rollout.routeOf(target);
  if (route !== undefined) {
    if (route.kind === 'read') return route;
    throw new Refusal(
      'write-follows-owner',
      `${target} is a write of ${route.carveOut}, and goes where its owner is: ${OWNER_SAYS[ownerOf(route)]}.`,
      { target, owner: ownerOf(route) },
    );
  }
  if (standing.operations.some(({ operationId }) => operationId === target)) {
    throw new Refusal('not-carved-out', `${target} belongs to no active carve-out.`, { target });
  }
  const cut = target.slice(0, 120);
  throw new Refusal('unknown-operation', `There is no operation ${JSON.stringify(cut)}.`, { target: cut });
}

/** The operations of an active carve-out; undefined where there is none of that name. */
export function findCarveOut(name: string, { rollout }: Standing): readonly Route[] | undefined {
  const routes = rollout.routes.filter(({ carveOut }) => carveOut === name);
  return routes.length > 0 ? routes : undefined;
}

/** The reads that a name stands for: of an operation, or of a carve-out. */
export function findReads(target: string, standing: Standing): readonly Route[] {
  const routes = standing.rollout.routeOf(target) ? undefined : findCarveOut(target, standing);
  return routes ? readsOf(target, routes) : [findRead(target, standing)];
}

/** Throws where a carve-out has none. */
export function readsOf(name: string, routes: readonly Route[]): readonly Route[] {
  const reads = routes.filter(({ kind }) => kind === 'read');
  const [write] = routes;
  if (reads.length > 0 || write === undefined) return reads;
  throw new Refusal('write-follows-owner', `${name} has no reads, and its writes go where their owner is.`, {
    target: name,
    owner: ownerOf(write),
  });
}

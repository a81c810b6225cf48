import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { decide, type RequestFacts } from '../../src/rollout/decision.ts';
import { compileRoutes } from '../../src/rollout/routes.ts';
import { type Flag, INITIAL_SNAPSHOT } from '../../src/rollout/snapshot.ts';
import { createMatcher } from '../../src/routing/matcher.ts';
import type { Operation } from '../../src/routing/operation.ts';

/** What a request costs from its target to its decision, in this process. */
export type DecisionCost = {
  /** Mean nanoseconds of one match and decision, of every round. */
  readonly nanosecondsOfRounds: readonly number[];
  /** Bytes of heap that are left of one decision after a collection, over all rounds but the first. */
  readonly heapBytesPerDecision: number;
  readonly decisions: number;
};

export type DecisionWorld = {
  readonly operations: number;
  readonly rounds: number;
  readonly decisionsPerRound: number;
};

const FLAGS: readonly Flag[] = [
  { stage: 'monolith', fallback: true },
  { stage: 'shadow', samplePercent: 10, fallback: true },
  { stage: 'canary', weightPercent: 12.5, fallback: true },
  { stage: 'service', fallback: true },
];

/**
 * A contract of that many operations, half of them reads of carve-outs with flags of every stage in turn, and as many
 * requests in turn as operations, a tenth more of no operation. Each is decided as the gateway decides it, with its
 * account known, which is the dearest case: a canary hashes it.
 */
export function measureDecisions({ operations, rounds, decisionsPerRound }: DecisionWorld): DecisionCost {
  const contract = contractOf(operations);
  const match = createMatcher(contract);
  const carved = contract.filter((_, index) => index % 2 === 0);
  const { routeOf } = compileRoutes(
    carved.map(({ operationId }, index) => {
      const carveOut = `service${index % 5}`;
      return { operationId, carveOut, aggregate: carveOut, kind: 'read' };
    }),
    () => ({ owner: 'monolith', data: 'shared' }),
    {
      ...INITIAL_SNAPSHOT,
      flags: Object.fromEntries(
        carved.map(({ operationId }, index) => [operationId, FLAGS[index % FLAGS.length] as Flag]),
      ),
    },
    [],
  );
  const requests = requestsOf(contract);
  const collect = garbageCollection();

  let translated = 0;
  const decideAll = (count: number): void => {
    for (let done = 0; done < count; done += 1) {
      const { method, target, facts } = requests[done % requests.length] as Request;
      const operation = match(method, target);
      const route = operation && routeOf(operation.operationId);
      if (decide(operation, route, facts).action === 'translate') translated += 1;
    }
  };

  const nanosecondsOfRounds: number[] = [];
  let heapBefore = 0;
  for (let round = 0; round <= rounds; round += 1) {
    const start = process.hrtime.bigint();
    decideAll(decisionsPerRound);
    const tookNs = Number(process.hrtime.bigint() - start);
    if (round > 0) nanosecondsOfRounds.push(tookNs / decisionsPerRound);
    else {
      // The first round compiles: what that takes and keeps is no cost of a decision.
      collect();
      heapBefore = process.memoryUsage().heapUsed;
    }
  }
  collect();
  const decisions = rounds * decisionsPerRound;
  const grown = process.memoryUsage().heapUsed - heapBefore;
  // Nobody could leave out what is counted.
  if (translated === 0) throw new Error('nothing was decided');
  return { nanosecondsOfRounds, heapBytesPerDecision: grown / decisions, decisions };
}

type Request = { readonly method: string; readonly target: string; readonly facts: RequestFacts };

/** Resources of three operations each: a list, an item, and something of an item. */
function contractOf(count: number): Operation[] {
  return Array.from({ length: count }, (_, index) => {
    const resource = `/api/v1/resource-${Math.floor(index / 3)}`;
    const path = [resource, `${resource}/{id}`, `${resource}/{id}/entries/{entry}`][index % 3] as string;
    return { operationId: `operation${index}`, method: 'GET', path };
  });
}

function requestsOf(contract: readonly Operation[]): Request[] {
  const targets = contract.map(({ path }, index) => {
    const target = path.replace('{id}', String(100_000 + index)).replace('{entry}', `e-${index}`);
    return index % 4 === 0 ? `${target}?page=${index}&per_page=50` : target;
  });
  const strangers = targets.filter((_, index) => index % 10 === 0).map((target) => `/pages${target}`);
  return [...targets, ...strangers].map((target, index) => ({
    method: 'GET',
    target,
    facts: { override: undefined, account: index % 10 === 0 ? null : String(1_000 + index) },
  }));
}

/** What `--expose-gc` gives, without asking for it at the start. */
function garbageCollection(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}

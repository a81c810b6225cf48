import type { Fault } from '@banyan/openapi/generated/admin';
import type { FlagChange } from '../rollout/flags.ts';
import type { Route } from '../rollout/routes.ts';
import type { Flag } from '../rollout/snapshot.ts';
import { STAGES, type Stage } from '../rollout/stage.ts';
import { legalityOf, settableStages, whyUnlawful } from './legality-facts.ts';
import { faultOf, oneOf, percent, yesOrNo } from './members.ts';
import { Refusal } from './problem.ts';
import { findCarveOut, findRead, readsOf, type Standing } from './standing.ts';
import { readWrite, refuseStale, requireVersion, type WriteRequest } from './write-request.ts';

/** A change that may be made, and the reads and writes that it is about. */
export type LawfulChange = {
  readonly change: FlagChange;
  readonly reads: readonly Route[];
  /** Of the same carve-out, where it is set as a whole. */
  readonly writes: readonly Route[];
};

const RULES = {
  stage: oneOf(STAGES),
  weightPercent: percent,
  samplePercent: percent,
  fallback: yesOrNo,
  force: yesOrNo,
};
const DEFAULT_SAMPLE_PERCENT = 100;
/** Stages at which clients get the service's answers. */
const SERVED_BY_SERVICE: readonly Stage[] = ['canary', 'service'];

/** Judges a wish for one read. Pure; throws the refusal. `current`: the version that this replica serves. */
export function judgeRoute(request: WriteRequest, standing: Standing, current: number): LawfulChange {
  const wish = readWish(request);
  const target = request.params.operationId as string;
  const read = findRead(target, standing);
  return judge(wish, { action: 'set-route', target }, [read], [], standing, current);
}

/** Judges a wish for all reads of a carve-out. Pure; throws the refusal. */
export function judgeCarveOut(request: WriteRequest, standing: Standing, current: number): LawfulChange {
  const wish = readWish(request);
  const target = request.params.name as string;
  const routes = findCarveOut(target, standing);
  if (routes === undefined) throw unknownCarveOut(target, standing);
  const writes = routes.filter(({ kind }) => kind === 'write');
  return judge(wish, { action: 'set-carve-out', target }, readsOf(target, routes), writes, standing, current);
}

type Wish = ReturnType<typeof readWish>;

function readWish(request: WriteRequest) {
  const { values, author, version } = readWrite(request, RULES, ['stage'], joinFaults);
  const { stage = 'monolith', weightPercent, samplePercent, fallback = true, force = false } = values;
  const flag: Flag = {
    stage,
    ...(stage === 'canary' ? { weightPercent } : {}),
    ...(stage === 'shadow' ? { samplePercent: samplePercent ?? DEFAULT_SAMPLE_PERCENT } : {}),
    fallback,
  };
  return { flag, author, force, version: requireVersion(version) };
}

/** What has a meaning at one stage alone is refused at the others: whoever sends it believes otherwise. */
function joinFaults({ stage }: { readonly stage?: Stage }, has: (name: string) => boolean): readonly Fault[] {
  if (stage === undefined) return [];
  const faults: Fault[] = [];
  if (stage === 'canary' && !has('weightPercent')) {
    faults.push(
      faultOf('weightPercent', 'must be there at canary: the percent of accounts that go to the service'),
    );
  }
  for (const [name, only] of [
    ['weightPercent', 'canary'],
    ['samplePercent', 'shadow'],
  ] as const) {
    if (stage !== only && has(name))
      faults.push(faultOf(name, `has a meaning at ${only} alone, not at ${stage}`));
  }
  return faults;
}

function judge(
  { flag, author, force, version }: Wish,
  what: Pick<FlagChange, 'action' | 'target'>,
  reads: readonly Route[],
  writes: readonly Route[],
  standing: Standing,
  current: number,
): LawfulChange {
  refuseStale(version, current);
  refuseUnlawful(what.target, flag.stage, reads);
  const forced = needsForce(flag.stage, reads, standing, force);
  const flags = Object.fromEntries(reads.map(({ operationId }) => [operationId, flag]));
  return { change: { author, expectedVersion: version, ...what, flags, forced }, reads, writes };
}

function refuseUnlawful(target: string, wanted: Stage, reads: readonly Route[]): void {
  const unlawful = reads
    .filter((read) => !settableStages(read).includes(wanted))
    .map((read) => legalityOf(read, wanted, settableStages(read)));
  const [first] = unlawful;
  if (first === undefined) return;
  const who = unlawful.length === 1 ? first.operationId : `${target} (${unlawful.length} reads)`;
  const { killed: _, ...byOwner } = first;
  throw new Refusal('unlawful-stage', `${who} cannot be at ${wanted}: ${whyUnlawful(byOwner)}.`, {
    reads: unlawful,
  });
}

/** Whether the change sends clients to a service that is not serving; refuses it where it is not forced. */
function needsForce(stage: Stage, reads: readonly Route[], { services }: Standing, force: boolean): boolean {
  if (!SERVED_BY_SERVICE.includes(stage)) return false;
  const names = new Set(reads.map(({ carveOut }) => carveOut));
  for (const service of names) {
    const state = stateOf(services.find(({ name }) => name === service));
    if (state === 'serving') continue;
    if (force) return true;
    throw new Refusal('service-not-serving', `${service} ${SAYS[state]}. Clients would be sent to it.`, {
      service,
      state,
    });
  }
  return false;
}

const SAYS = {
  'not-serving': 'is not-serving: it says so itself',
  away: 'is away: it does not answer',
  'breaker-open': 'serves, but calls to it have failed of late: its breaker is not closed',
} as const;

/** A service whose breaker is not closed answers questions for its health, at most. */
function stateOf(service: Standing['services'][number] | undefined): keyof typeof SAYS | 'serving' {
  const { state, breaker } = service ?? { state: 'away', breaker: 'closed' };
  return state === 'serving' && breaker !== 'closed' ? 'breaker-open' : state;
}

function unknownCarveOut(name: string, { rollout }: Standing): Refusal {
  const known = [...new Set(rollout.routes.map(({ carveOut }) => carveOut))];
  const target = name.slice(0, 120);
  const says = known.length === 0 ? 'None is active' : `Active: ${known.join(', ')}`;
  return new Refusal('unknown-carve-out', `There is no carve-out ${JSON.stringify(target)}. ${says}.`, {
    target,
    known,
  });
}

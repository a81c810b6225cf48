import { setTimeout as pause } from 'node:timers/promises';
import type { Random } from '../../datapath/fuzz/mutate.ts';
import { CARVE_OUTS, READS } from './operations.ts';
import type { Replica } from './replica.ts';

/** A flip that was acknowledged. */
export type Flip = {
  readonly version: number;
  readonly reason: string;
  readonly path: string;
  /** When the request that made it was sent: milliseconds since the epoch. */
  readonly sentAt: number;
  readonly effective: boolean;
  /** Until all replicas served it, as the answer says. */
  readonly tookMs: number;
  /** Replicas that, asked after the answer, served less. */
  readonly behind: readonly string[];
  /** How often somebody was quicker. */
  readonly stale: number;
};

const ATTEMPTS_MAX = 100;
/** At random up to this before the next attempt, and as much more before each after that, so that clients part. */
const PAUSE_MS = 20;
const PAUSE_MS_MAX = 500;

/** What a team may wish for at random: one read or a whole carve-out, any stage, any weight. */
export function wishOf(random: Random): { readonly path: string; readonly wish: Record<string, unknown> } {
  const isWhole = random.below(3) === 0;
  const path = isWhole
    ? `/carve-outs/${random.pick(CARVE_OUTS)}`
    : `/routes/${random.pick(READS).operationId}`;
  const stage = random.pick(['monolith', 'shadow', 'canary', 'canary', 'service'] as const);
  const percent = random.below(100_001) / 1_000;
  return {
    path,
    wish: {
      stage,
      ...(stage === 'canary' ? { weightPercent: percent } : {}),
      ...(stage === 'shadow' ? { samplePercent: percent } : {}),
      fallback: random.below(2) === 0,
    },
  };
}

/** As a client does it: reads the flags, asks for the change of that version, and again where somebody was quicker. */
export async function flip(
  replicas: readonly Replica[],
  random: Random,
  reason: string,
  { path, wish } = wishOf(random),
): Promise<Flip> {
  for (let stale = 0; stale < ATTEMPTS_MAX; stale += 1) {
    const replica = random.pick(replicas);
    const { body: snapshot } = await replica.admin('GET', '/snapshot');
    const sentAt = Date.now();
    // A service that a busy machine keeps from answering for its health is flipped to all the same.
    const change = { ...wish, force: true, reason };
    const { status, body } = await replica.admin('PUT', path, change, snapshot.version);
    if (status === 412) {
      await pause(random.next() * Math.min(PAUSE_MS * (stale + 1), PAUSE_MS_MAX));
      continue;
    }
    if (status !== 200) throw new Error(`${path} answered ${status}: ${JSON.stringify(body)}`);
    const { version } = body.snapshot;
    const behind = await Promise.all(
      replicas.map(async (each) => {
        const { body: now } = await each.admin('GET', '/snapshot');
        return now.version < version ? [each.name] : [];
      }),
    );
    const { effective, tookMs } = body;
    return { version, reason, path, sentAt, effective, tookMs, behind: behind.flat(), stale };
  }
  throw new Error(`${path}: somebody was quicker ${ATTEMPTS_MAX} times`);
}

import { measureDecisions } from '@banyan/gateway/testing/decision-cost';

const WORLD = { operations: 500, rounds: 20, decisionsPerRound: 200_000 };

/** From a request's target to its decision, in this process, as one line. */
export function describeDecisionCost(): string {
  const { nanosecondsOfRounds, heapBytesPerDecision, decisions } = measureDecisions(WORLD);
  const sorted = nanosecondsOfRounds.toSorted((a, b) => a - b);
  const mean = sorted.reduce((sum, each) => sum + each, 0) / sorted.length;
  const [least = 0, most = 0] = [sorted[0], sorted.at(-1)];
  return (
    `match and decide, ${WORLD.operations} operations, flags on half: ${mean.toFixed(0)} ns on average ` +
    `(${sorted.length} rounds of ${WORLD.decisionsPerRound}: ${least.toFixed(0)} to ${most.toFixed(0)}); ` +
    `heap growth ${heapBytesPerDecision.toFixed(3)} bytes per decision over ${decisions}`
  );
}

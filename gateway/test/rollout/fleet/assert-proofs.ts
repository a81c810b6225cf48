import assert from 'node:assert/strict';
import type { Served } from './load.ts';
import { type FlagsAt, sideOf } from './oracle.ts';
import type { Replica } from './replica.ts';

/** What a client's clock and a log's, both in whole milliseconds, may differ by. */
const ROUNDING_MS = 1;
const FAULTS_SHOWN = 10;

/** Each was answered by the side that the flags in force at that replica meanwhile say, and proves it. */
export function assertProofs(
  served: readonly Served[],
  replicas: readonly Replica[],
  history: readonly FlagsAt[],
): void {
  const faults: string[] = [];
  for (const { name, adoptions } of replicas) {
    const adopted = adoptions();
    const versions = adopted.map(({ version }) => version);
    assert.deepEqual(
      versions,
      [...new Set(versions)].sort((one, other) => one - other),
      `adopted by ${name}`,
    );
    const places = new Map(versions.map((version, at) => [version, at]));
    for (const each of served.filter(({ replica }) => replica === name)) {
      const { version, floor, startedAt, endedAt, operation, account, servedBy } = each;
      const what = `${operation.operationId} of ${account} by ${servedBy} at version ${version} of ${name}`;
      const at = places.get(version);
      const from = at === undefined ? undefined : adopted[at];
      const until = at === undefined ? undefined : adopted[at + 1];
      if (from === undefined) faults.push(`${what}: it never had that`);
      else if (from.atMs > endedAt + ROUNDING_MS) faults.push(`${what}: it was not in force yet`);
      else if (until !== undefined && until.atMs < startedAt - ROUNDING_MS) {
        faults.push(`${what}: it was over ${startedAt - until.atMs} ms before`);
      }
      if (version < floor) faults.push(`${what}: ${floor} was in force before`);
      const expected = sideOf(operation, history[version] ?? {}, account);
      if (servedBy !== expected) faults.push(`${what}: the flags say ${expected}`);
    }
  }
  assert.deepEqual(faults.slice(0, FAULTS_SHOWN), [], `${faults.length} of ${served.length} requests`);
  // Neither side was out of it, nor the flips beside the traffic.
  const byService = served.filter(({ servedBy }) => servedBy !== 'monolith').length;
  assert.ok(
    byService > served.length / 20 && byService < (served.length * 19) / 20,
    `${byService} by services`,
  );
  assert.ok(new Set(served.map(({ version }) => version)).size > history.length / 2);
}

import type { AuditEntry } from '../../../src/rollout/audit.ts';
import type { Flag } from '../../../src/rollout/snapshot.ts';
import type { FleetOperation } from './operations.ts';

/*
 * Who had to answer, worked out anew from design and audit alone: nothing of the product's own code decides here.
 */

export type FlagsAt = Readonly<Record<string, Flag>>;

/** Who answers where nothing is killed, the monolith owns, and every service serves. */
export function sideOf(operation: FleetOperation, flags: FlagsAt, account: string | null): string {
  const { carveOut, kind, operationId } = operation;
  const flag = flags[operationId];
  if (carveOut === undefined || kind === 'write' || flag === undefined) return 'monolith';
  if (flag.stage === 'service') return carveOut;
  if (flag.stage !== 'canary' || account === null) return 'monolith';
  const isInside = hashOf(`${carveOut}:${account}`) % 100_000 < Math.round((flag.weightPercent ?? 0) * 1_000);
  return isInside ? carveOut : 'monolith';
}

/** The flags at each version, by what the audit says of its changes; throws where its entries do not follow on. */
export function replay(entries: readonly AuditEntry[]): readonly FlagsAt[] {
  const history: FlagsAt[] = [{}];
  for (const { version, from, to } of entries) {
    if (version === null) continue;
    const before = history.at(-1) ?? {};
    if (version !== history.length) throw new Error(`version ${version} follows ${history.length - 1}`);
    for (const [operationId, flag] of Object.entries(from)) {
      if (canonical(flag) !== canonical(before[operationId] ?? null)) {
        throw new Error(
          `version ${version} changed ${operationId} from ${canonical(flag)}, which it was not`,
        );
      }
    }
    const changed = Object.entries(to).filter((each): each is [string, Flag] => each[1] !== null);
    const kept = Object.entries(before).filter(([operationId]) => to[operationId] === undefined);
    history.push(Object.fromEntries([...kept, ...changed]));
  }
  return history;
}

export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, each) =>
    typeof each === 'object' && each !== null
      ? Object.fromEntries(Object.entries(each).sort(([one], [other]) => (one < other ? -1 : 1)))
      : each,
  );
}

const MASK = 0xffff_ffffn;
const rotated = (value: bigint, by: bigint) => ((value << by) | (value >> (32n - by))) & MASK;
const times = (one: bigint, other: bigint) => (one * other) & MASK;

/** MurmurHash3_x86_32, seed 0, as its definition reads. */
function hashOf(text: string): number {
  const bytes = Buffer.from(text, 'utf8');
  const blocks = Math.floor(bytes.length / 4);
  const mixed = (block: bigint) => times(rotated(times(block, 0xcc9e_2d51n), 15n), 0x1b87_3593n);
  let hash = 0n;
  for (let at = 0; at < blocks; at += 1) {
    hash ^= mixed(BigInt(bytes.readUInt32LE(at * 4)));
    hash = (rotated(hash, 13n) * 5n + 0xe654_6b64n) & MASK;
  }
  const tail = bytes.subarray(blocks * 4);
  if (tail.length > 0) hash ^= mixed(BigInt(tail.readUIntLE(0, tail.length)));
  hash ^= BigInt(bytes.length);
  hash = times(hash ^ (hash >> 16n), 0x85eb_ca6bn);
  hash = times(hash ^ (hash >> 13n), 0xc2b2_ae35n);
  return Number(hash ^ (hash >> 16n));
}

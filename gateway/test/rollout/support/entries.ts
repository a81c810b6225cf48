import { randomUUID } from 'node:crypto';
import type { AuditEntry } from '../../../src/rollout/audit.ts';
import type { Author } from '../../../src/rollout/flags.ts';
import type { Flag, Snapshot } from '../../../src/rollout/snapshot.ts';

const AT = '2026-11-23T12:00:00.000Z';
const atOf = (second: number): string => new Date(Date.parse(AT) + second * 1_000).toISOString();

export const author: Author = { by: 'tester', reason: 'because', client: '127.0.0.1' };

export const AT_SERVICE: Flag = { stage: 'service', fallback: true };
export const AT_SHADOW: Flag = { stage: 'shadow', fallback: true };

export function snapshotOf(version: number, reason = 'because'): Snapshot {
  return { version, at: AT, by: 'tester', reason, flags: { getInvoice: AT_SERVICE } };
}

/** Each version's is a second later than the one's before it, unless it says otherwise. */
export function entryOf(
  version: number | null,
  id: string = randomUUID(),
  second: number = version ?? 0,
): AuditEntry {
  return {
    id,
    version,
    at: atOf(second),
    by: 'tester',
    reason: 'because',
    action: version === null ? 'kill' : 'set-route',
    target: 'getInvoice',
    from: {},
    to: version === null ? {} : { getInvoice: AT_SERVICE },
    replica: 'one',
    client: '127.0.0.1',
  };
}

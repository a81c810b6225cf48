import { followStream } from '../channels/follow-stream.ts';
import type { ServiceChannel } from '../channels/service-channel.ts';
import { readMessage } from '../channels/wire-messages.ts';
import type { Owner, ServiceData } from '../rollout/stage.ts';

/** What a service says of an aggregate, of which its database records owner and epoch. */
export type OwnerRecord = {
  readonly aggregate: string;
  readonly owner: Owner;
  readonly epoch: bigint;
  /** What it can read while the monolith owns; `none` where it does not say. */
  readonly data: ServiceData;
};

/** Of ownership.v1.Owner. */
const OWNERS_BY_NUMBER: readonly (Owner | undefined)[] = [undefined, 'monolith', 'service', 'nobody'];

/** Of ownership.v1.ServiceData. What has no name here yet is not to be relied on. */
const DATA_BY_NUMBER: readonly (ServiceData | undefined)[] = [undefined, 'shared', 'none'];

/** Follows `OwnershipService.WatchOwnership`. What is returned ends it. */
export function watchOwnership(
  channel: ServiceChannel,
  onRecords: (records: readonly OwnerRecord[]) => void,
  onLost: () => void,
): () => void {
  return followStream({
    channel,
    path: '/ownership.v1.OwnershipService/WatchOwnership',
    request: Buffer.alloc(0),
    decode: readOwnerships,
    onMessage: onRecords,
    onLost,
  });
}

/** Reads a `WatchOwnershipResponse`. An owner that this gateway has no name for says nothing. */
export function readOwnerships(bytes: Uint8Array): OwnerRecord[] {
  const records: OwnerRecord[] = [];
  readMessage(bytes, (field, reader) => {
    if (field !== 1) return false;
    let aggregate = '';
    let owner: Owner | undefined;
    let epoch = 0n;
    let data: ServiceData = 'none';
    readMessage(reader.bytes(), (part, inner) => {
      if (part === 1) aggregate = inner.string();
      else if (part === 2) owner = OWNERS_BY_NUMBER[inner.int32()];
      else if (part === 3) epoch = BigInt(inner.int64());
      else if (part === 4) data = DATA_BY_NUMBER[inner.int32()] ?? 'none';
      else return false;
      return true;
    });
    if (owner !== undefined) records.push({ aggregate, owner, epoch, data });
    return true;
  });
  return records;
}

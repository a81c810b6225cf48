import type { ApiParts } from '../admin-parts.ts';
import type { BodyOf, Reading, Resource, Writing } from '../resource.ts';
import { readWrite, refuseStale, requireVersion } from '../write-request.ts';
import { describeChange, orStale } from './change-flags.ts';

/** `/snapshot` and `/snapshot/restore`. */
export function createSnapshotRoutes({ flags, rollout }: ApiParts): readonly Resource[] {
  const show: Reading<BodyOf<'getSnapshot'>> = {
    answer: () => {
      const snapshot = flags.snapshot();
      return { body: snapshot, version: snapshot.version };
    },
  };
  const restore: Writing<BodyOf<'restoreSnapshot'>> = async (request) => {
    const { author, version } = readWrite(request, {}, []);
    const expected = requireVersion(version);
    refuseStale(expected, flags.snapshot().version);
    const changed = await orStale(expected, () => flags.restore(author));
    const set = Object.keys(changed.snapshot.flags);
    const now = rollout();
    const killed = set.filter((operationId) => now.routeOf(operationId)?.isKilled);
    const body = describeChange(changed, { set, following: [], killed, forced: false });
    const { version: made } = changed.snapshot;
    return { body, version: made, noted: { action: 'restore', version: made, effective: body.effective } };
  };
  return [
    { path: '/snapshot', get: show },
    { path: '/snapshot/restore', post: restore },
  ];
}

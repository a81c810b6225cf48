import type { Logger } from 'pino';
import type { SeatFeed, SeatFeedListener } from '../../live/seat-feed.ts';
import type { OwnerMirror } from '../owners/owner-mirror.ts';

/**
 * The changes of whoever owns bookings just now. The database's own are always listened to, the service's only
 * while it owns; each change of owner is a gap.
 */
export function createOwnedSeatFeed(parts: {
  mirror: Pick<OwnerMirror, 'lastOwnerOf' | 'onChange'>;
  here: SeatFeed;
  /** A new one for each time that bookings are elsewhere. */
  away: () => SeatFeed;
  logger: Logger;
}): SeatFeed {
  const { mirror, here, away, logger } = parts;
  let release = (): void => {};
  let current: SeatFeed | null = null;
  let before: string | undefined;

  const follow = (listener: SeatFeedListener): void => {
    const owner = mirror.lastOwnerOf('booking');
    if (owner === before) return;
    const isFirst = before === undefined;
    before = owner;
    const left = current;
    current = owner === 'service' ? away() : null;
    const follower = current;
    // One that is being left has nothing to say any more.
    follower?.start({
      onChange: (change) => follower === current && listener.onChange(change),
      onGap: () => follower === current && listener.onGap(),
    });
    left?.stop().catch((error) => logger.warn({ err: error }, 'a watch of seats did not end'));
    if (!isFirst) listener.onGap();
  };

  return {
    start(listener) {
      const isHere = (): boolean => mirror.lastOwnerOf('booking') === 'monolith';
      here.start({
        onChange: (change) => isHere() && listener.onChange(change),
        onGap: () => isHere() && listener.onGap(),
      });
      release = mirror.onChange(() => follow(listener));
      follow(listener);
    },
    async stop() {
      release();
      const left = current;
      current = null;
      await Promise.all([here.stop(), left?.stop()]);
    },
  };
}

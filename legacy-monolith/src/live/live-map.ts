import type { Router } from 'express';
import type { RouterParts } from '../parts.ts';
import type { SeatFeed } from './seat-feed.ts';
import { createSeatHub } from './seat-hub.ts';
import { createSeatSockets, type SeatSocketsLimits } from './seat-sockets.ts';
import { createSeatsOf } from './seats-of.ts';
import type { Upgrades } from './upgrades.ts';

/** The live seat map of one process. */
export type LiveMap = {
  router: Router;
  /** The picks on a flight, for `getSeatMap`. */
  pickedOn(flightId: string): string[];
  start(): void;
  /** Says goodbye to all sockets and lets none in any more; they are gone within two seconds. */
  closeSockets(): void;
  /** Ends the connection to the database. */
  stop(): Promise<void>;
};

export function createLiveMap(
  parts: RouterParts & { upgrades: Pick<Upgrades, 'take'> },
  feed: SeatFeed,
  limits: Partial<SeatSocketsLimits> = {},
): LiveMap {
  const hub = createSeatHub({ ...parts, feed, seatsOf: createSeatsOf(parts.border) });
  const sockets = createSeatSockets({ ...parts, hub }, limits);
  return {
    router: sockets.router,
    pickedOn: hub.pickedOn,
    start() {
      hub.start();
      sockets.start();
    },
    closeSockets: sockets.close,
    stop: hub.stop,
  };
}

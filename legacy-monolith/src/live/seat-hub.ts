import type { Logger } from 'pino';
import type { ServerMessage } from './protocol.ts';
import { createRoom, type Delivery, type FlightSeats, type PickLimits, type Room } from './room.ts';
import type { SeatChange, SeatFeed } from './seat-feed.ts';

/** A place in a flight's room. `leave` gives it back, and may be called twice. */
export type Place = {
  /** From now on the messages come; the first is the snapshot. */
  enter(send: (message: ServerMessage) => void): void;
  pick(seat: string): void;
  release(seat: string): void;
  leave(): void;
};

export type SeatHub = {
  start(): void;
  stop(): Promise<void>;
  /** A place in the room of the flight; throws what `seatsOf` throws. */
  open(flightId: string): Promise<Place>;
  /** The seats that are picked on a flight, in order: what `getSeatMap` lists. */
  pickedOn(flightId: string): string[];
};

export type SeatHubParts = {
  feed: SeatFeed;
  /** The flight's seats as the database has them now. */
  seatsOf(flightId: string): Promise<FlightSeats>;
  clock: () => Date;
  logger: Logger;
};

export type SeatHubLimits = PickLimits & { sweepEveryMs: number; rereadAfterMs: number };

const LIMITS: SeatHubLimits = { picksMax: 9, pickMs: 600_000, sweepEveryMs: 1000, rereadAfterMs: 1000 };

type Entry = {
  flightId: string;
  /** Settles when the room was read for the first time. */
  room: Promise<Room>;
  /** The same, once it is there. */
  opened: Room | null;
  /** Changes that come while the seats are being read, the last of each seat; null when they are not. */
  meanwhile: Map<string, SeatChange['op']> | null;
  /** A gap fell into the reading, which may have been too early: it has to be done again. */
  isReadStale: boolean;
  places: number;
  sends: Map<string, (message: ServerMessage) => void>;
};

/**
 * The rooms of all flights that somebody looks at, kept in step with the bookings. A room is read from the
 * database when its first viewer comes, follows the feed from then on, is read again after a gap, and goes with
 * its last viewer.
 */
export function createSeatHub(parts: SeatHubParts, limits: SeatHubLimits = LIMITS): SeatHub {
  const entries = new Map<string, Entry>();
  let sweepTimer: NodeJS.Timeout | undefined;
  let placesEver = 0;
  let stopped = false;

  const deliver = (entry: Entry, deliveries: readonly Delivery[]): void => {
    for (const { to, message } of deliveries) entry.sends.get(to)?.(message);
  };

  /** Reads the seats such that nothing that happens meanwhile is lost, however the two are ordered. */
  const readSeats = async (entry: Entry): Promise<FlightSeats> => {
    for (;;) {
      entry.isReadStale = false;
      entry.meanwhile = new Map();
      try {
        const { cabin, taken } = await parts.seatsOf(entry.flightId);
        if (entry.isReadStale) continue;
        return { cabin, taken: withChanges(taken, entry.meanwhile) };
      } finally {
        entry.meanwhile = null;
      }
    }
  };

  /** Until it succeeds, or nobody is left to look: meanwhile the room shows what it knew. */
  const readAgain = async (entry: Entry): Promise<void> => {
    try {
      const seats = await readSeats(entry);
      if (entry.opened) deliver(entry, entry.opened.reset(seats));
    } catch (error) {
      parts.logger.warn({ err: error, flight: entry.flightId }, 'seats cannot be read anew');
      setTimeout(() => {
        if (!stopped && entries.get(entry.flightId) === entry && !entry.meanwhile) void readAgain(entry);
      }, limits.rereadAfterMs).unref();
    }
  };

  const openEntry = (flightId: string): Entry => {
    const opening = Promise.withResolvers<Room>();
    const entry: Entry = {
      flightId,
      room: opening.promise,
      opened: null,
      meanwhile: null,
      isReadStale: false,
      places: 0,
      sends: new Map(),
    };
    entries.set(flightId, entry);
    readSeats(entry).then((seats) => {
      entry.opened = createRoom(seats, limits);
      opening.resolve(entry.opened);
    }, opening.reject);
    sweepTimer ??= setInterval(sweep, limits.sweepEveryMs);
    return entry;
  };

  const leaveEntry = (entry: Entry): void => {
    entry.places -= 1;
    if (entry.places > 0 || entries.get(entry.flightId) !== entry) return;
    entries.delete(entry.flightId);
    if (entries.size > 0) return;
    clearInterval(sweepTimer);
    sweepTimer = undefined;
  };

  const sweep = (): void => {
    const nowMs = parts.clock().getTime();
    for (const entry of entries.values()) if (entry.opened) deliver(entry, entry.opened.expire(nowMs));
  };

  const onChange = ({ flightId, seat, op }: SeatChange): void => {
    const entry = entries.get(flightId);
    if (!entry) return;
    entry.meanwhile?.set(seat, op);
    if (entry.opened) deliver(entry, op === 'taken' ? entry.opened.take(seat) : entry.opened.free(seat));
  };

  const onGap = (): void => {
    for (const entry of entries.values()) {
      if (entry.meanwhile) entry.isReadStale = true;
      else void readAgain(entry);
    }
  };

  return {
    start: () => parts.feed.start({ onChange, onGap }),
    async stop() {
      stopped = true;
      clearInterval(sweepTimer);
      await parts.feed.stop();
    },
    async open(flightId) {
      const entry = entries.get(flightId) ?? openEntry(flightId);
      entry.places += 1;
      try {
        return createPlace(entry, await entry.room);
      } catch (error) {
        leaveEntry(entry);
        throw error;
      }
    },
    pickedOn: (flightId) => entries.get(flightId)?.opened?.picked() ?? [],
  };

  function createPlace(entry: Entry, room: Room): Place {
    placesEver += 1;
    const socket = String(placesEver);
    let isLeft = false;
    return {
      enter(send) {
        entry.sends.set(socket, send);
        deliver(entry, room.enter(socket));
      },
      pick: (seat) => deliver(entry, room.pick(socket, seat, parts.clock().getTime())),
      release: (seat) => deliver(entry, room.release(socket, seat)),
      leave() {
        if (isLeft) return;
        isLeft = true;
        entry.sends.delete(socket);
        deliver(entry, room.leave(socket));
        leaveEntry(entry);
      },
    };
  }
}

function withChanges(taken: readonly string[], changes: ReadonlyMap<string, SeatChange['op']>): string[] {
  const now = new Set(taken);
  for (const [seat, op] of changes) {
    if (op === 'taken') now.add(seat);
    else now.delete(seat);
  }
  return [...now];
}

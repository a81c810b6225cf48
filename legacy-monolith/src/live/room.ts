import type { By, PickedSeat, RefusedReason, ServerMessage } from './protocol.ts';

/** One message for one socket. The caller sends; the room only says what. */
export type Delivery = { to: string; message: ServerMessage };

export type Cabin = { rows: number; columns: string };

/** What the database says of a flight's seats. */
export type FlightSeats = { cabin: Cabin; taken: readonly string[] };

export type PickLimits = { picksMax: number; pickMs: number };

/**
 * The live map of one flight: who looks on, who picked what, which seats bookings hold. It knows no socket and no
 * clock: each call is told what happened and when, and gives the messages to send, in order.
 *
 * It keeps these: no seat is both picked and taken; a seat has one pick at most; a socket has `picksMax` picks at
 * most; a pick belongs to a socket that is in the room and ends at its time at the latest.
 */
export type Room = {
  enter(socket: string): Delivery[];
  leave(socket: string): Delivery[];
  pick(socket: string, seat: string, nowMs: number): Delivery[];
  release(socket: string, seat: string): Delivery[];
  /** Bookings took or freed a seat. What the room knows already is nobody's news. */
  take(seat: string): Delivery[];
  free(seat: string): Delivery[];
  /** The seats as they are now, after changes may have been missed: a new snapshot to everybody. */
  reset(seats: FlightSeats): Delivery[];
  /** Ends the picks whose time is over. */
  expire(nowMs: number): Delivery[];
  /** In the order of rows and columns. */
  picked(): string[];
  readonly isEmpty: boolean;
};

type Pick = { socket: string; untilMs: number };

export function createRoom(seats: FlightSeats, limits: PickLimits): Room {
  const sockets = new Set<string>();
  const picks = new Map<string, Pick>();
  let cabin = seats.cabin;
  let taken = new Set(seats.taken);

  const toEach = (message: (socket: string) => ServerMessage): Delivery[] =>
    [...sockets].map((socket) => ({ to: socket, message: message(socket) }));

  const by = (pick: Pick, socket: string): By => (pick.socket === socket ? 'you' : 'other');

  const snapshot = (socket: string): ServerMessage => ({
    type: 'snapshot',
    taken: [...taken].sort(bySeat),
    picked: [...picks]
      .map(([seat, pick]): PickedSeat => ({ seat, by: by(pick, socket) }))
      .sort((one, other) => bySeat(one.seat, other.seat)),
  });

  const drop = (seat: string, pick: Pick): Delivery[] => {
    picks.delete(seat);
    return toEach((socket) => ({ type: 'released', seat, by: by(pick, socket) }));
  };

  const dropWhere = (isOver: (pick: Pick) => boolean): Delivery[] =>
    [...picks].filter(([, pick]) => isOver(pick)).flatMap(([seat, pick]) => drop(seat, pick));

  const refusal = (socket: string, seat: string): RefusedReason | null => {
    if (!isSeatOf(cabin, seat)) return 'no_such_seat';
    if (taken.has(seat)) return 'taken';
    const pick = picks.get(seat);
    if (pick) return pick.socket === socket ? null : 'picked';
    const own = [...picks.values()].filter((each) => each.socket === socket).length;
    return own >= limits.picksMax ? 'too_many' : null;
  };

  return {
    enter(socket) {
      sockets.add(socket);
      return [{ to: socket, message: snapshot(socket) }];
    },
    leave(socket) {
      sockets.delete(socket);
      return dropWhere((pick) => pick.socket === socket);
    },
    pick(socket, seat, nowMs) {
      if (!sockets.has(socket)) return [];
      const reason = refusal(socket, seat);
      if (reason !== null) return [{ to: socket, message: { type: 'refused', seat, reason } }];
      const isRenewed = picks.has(seat);
      const pick: Pick = { socket, untilMs: nowMs + limits.pickMs };
      picks.set(seat, pick);
      // The others have seen it; the picker gets its answer all the same.
      if (isRenewed) return [{ to: socket, message: { type: 'picked', seat, by: 'you' } }];
      return toEach((each) => ({ type: 'picked', seat, by: by(pick, each) }));
    },
    release(socket, seat) {
      const pick = picks.get(seat);
      return pick?.socket === socket ? drop(seat, pick) : [];
    },
    take(seat) {
      if (taken.has(seat)) return [];
      taken.add(seat);
      picks.delete(seat);
      return toEach(() => ({ type: 'taken', seat }));
    },
    free(seat) {
      return taken.delete(seat) ? toEach(() => ({ type: 'freed', seat })) : [];
    },
    reset(current) {
      cabin = current.cabin;
      taken = new Set(current.taken);
      for (const seat of picks.keys()) if (taken.has(seat) || !isSeatOf(cabin, seat)) picks.delete(seat);
      return toEach(snapshot);
    },
    expire: (nowMs) => dropWhere((pick) => pick.untilMs <= nowMs),
    picked: () => [...picks.keys()].sort(bySeat),
    get isEmpty() {
      return sockets.size === 0;
    },
  };
}

function isSeatOf(cabin: Cabin, seat: string): boolean {
  const match = /^([1-9]\d?)([A-K])$/.exec(seat);
  return match !== null && Number(match[1]) <= cabin.rows && cabin.columns.includes(match[2] ?? '?');
}

function bySeat(one: string, other: string): number {
  const rows = Number.parseInt(one, 10) - Number.parseInt(other, 10);
  if (rows !== 0) return rows;
  return one.slice(-1) < other.slice(-1) ? -1 : 1;
}

/**
 * The protocol of the live seat map, `GET /ws/seats?flight_id=<id>` with an upgrade to WebSocket.
 *
 * **Getting in.** The caller is known as everywhere, by the session cookie or by `X-Api-Key`, and may have any
 * role. Before the upgrade, as plain HTTP answers with `Connection: close`: the common 401, 404 in the general
 * family for a flight that does not exist (or a `flight_id` that is no id), 426 for a request that asks for no
 * upgrade, 503 with `Retry-After` when too many sockets are open or the database is away. The 101 renews the
 * session with a `Set-Cookie`, as every other answer to a live session does; frames do not renew it. Who the
 * caller is is asked once, at the upgrade.
 *
 * **Frames** are text, one JSON object each, 1,024 bytes at most from the client.
 *
 * **Client to server**
 * - `{"type":"pick","seat":"12A"}`: I am looking at this seat. Picking one's own pick again renews it.
 * - `{"type":"release","seat":"12A"}`: not any more. For a seat that is not one's own pick it does nothing.
 *
 * **Server to client**
 * - `{"type":"snapshot","flight_id":7,"taken":["1A"],"picked":[{"seat":"2B","by":"you"}]}`: first of all, and
 *   again whenever the server may have missed changes. It replaces everything the client knew.
 * - `{"type":"picked","seat":"12A","by":"you"}`: to the picker as the answer to its pick; to all others with
 *   `"by":"other"`.
 * - `{"type":"released","seat":"12A","by":"you"}`: given up, its socket closed, or ten minutes passed; `by` says
 *   whose pick it was.
 * - `{"type":"taken","seat":"12A"}`: a booking holds the seat now. It ends a pick of the seat, whosever it was,
 *   without a `released`.
 * - `{"type":"freed","seat":"12A"}`: no booking holds the seat any more.
 * - `{"type":"refused","seat":"12A","reason":"taken"}`: the answer to a pick that was not granted.
 * - `{"type":"error","message":"…"}`: the frame was not understood. The third one closes the socket.
 *
 * Seats are named as in `getSeatMap`, `taken` and `picked` come in the order of rows and columns.
 *
 * **Picks are advisory.** They live in the memory of one process, nine at most for a socket, and end with it or
 * after ten minutes. Only `createBooking` and `updateBooking` take a seat; whoever comes second gets their 409.
 *
 * **Closing.** 1001: the server stops, come again; 1008: three frames not understood, or too many frames in a
 * short time; 1009: a frame over the limit; 1013: the client does not read fast enough, come again. The server
 * pings every 20 s and drops a socket that has not answered when the next one is due. A client that loses the
 * connection connects again, waiting longer each time, and starts from the snapshot.
 */

/** Whose pick: the socket's own, or that of another one (also another socket of the same account). */
export type By = 'you' | 'other';

export const REFUSED_REASONS = ['taken', 'picked', 'no_such_seat', 'too_many'] as const;
export type RefusedReason = (typeof REFUSED_REASONS)[number];

export type ClientMessage = { type: 'pick'; seat: string } | { type: 'release'; seat: string };

export type PickedSeat = { seat: string; by: By };

export type ServerMessage =
  | { type: 'snapshot'; taken: string[]; picked: PickedSeat[] }
  | { type: 'picked'; seat: string; by: By }
  | { type: 'released'; seat: string; by: By }
  | { type: 'taken'; seat: string }
  | { type: 'freed'; seat: string }
  | { type: 'refused'; seat: string; reason: RefusedReason }
  | { type: 'error'; message: string };

export const PATH = '/ws/seats';

export const CLOSE = {
  goingAway: 1001,
  policyViolation: 1008,
  tryAgainLater: 1013,
} as const;

export const FRAME_BYTES_MAX = 1024;
export const MALFORMED_FRAMES_MAX = 3;
/** Nothing that is longer names a seat; it is not repeated to the client either. */
const SEAT_LENGTH_MAX = 4;

/** A frame of the client, or what is wrong with it, in words for its author. */
export function parseClientMessage(text: string): ClientMessage | { fault: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's message quotes the frame; ours must not.
    return { fault: 'The frame is not JSON.' };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return { fault: 'The frame must be a JSON object.' };
  }
  const { type, seat } = value as { type?: unknown; seat?: unknown };
  if (type !== 'pick' && type !== 'release') return { fault: 'type must be "pick" or "release".' };
  if (typeof seat !== 'string' || seat === '' || seat.length > SEAT_LENGTH_MAX) {
    return { fault: 'seat must name a seat, such as "12A".' };
  }
  return { type, seat };
}

/** The frame of a message. `flightId` is digits: beyond 2^53 it is still written exactly. */
export function toFrame(flightId: string, message: ServerMessage): string {
  if (message.type !== 'snapshot') return JSON.stringify(message);
  const { taken, picked } = message;
  return `{"type":"snapshot","flight_id":${flightId},"taken":${JSON.stringify(taken)},"picked":${JSON.stringify(picked)}}`;
}

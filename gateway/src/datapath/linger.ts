import type { Socket } from 'node:net';

/** Lingering ends after this long without a byte, whatever is left of its whole. */
export const LINGER_IDLE_MS = 2_000;

/**
 * The last of a connection: our side is ended, and what still comes is read for a while and thrown away. A close
 * at once would be a reset, and take the answer from a client still sending.
 */
export class Linger {
  readonly #now: () => number;
  readonly #waitUntil: (atMs: number) => void;
  #endAt = Number.POSITIVE_INFINITY;

  /** Its time, `lingerMs` in all, begins when the client has taken the answer. */
  constructor(socket: Socket, lingerMs: number, now: () => number, waitUntil: (atMs: number) => void) {
    this.#now = now;
    this.#waitUntil = waitUntil;
    socket.end();
    const start = (): void => {
      this.#endAt = now() + lingerMs;
      this.heard();
    };
    if (socket.writableFinished) start();
    else socket.once('finish', start);
    if (socket.isPaused()) socket.resume();
  }

  /** Something came. */
  heard(): void {
    this.#waitUntil(Math.min(this.#endAt, this.#now() + LINGER_IDLE_MS));
  }
}

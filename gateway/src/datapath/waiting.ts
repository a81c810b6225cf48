import type { Party } from './party.ts';

/** Stands in for whoever will deal with a request while that is being decided. Its body waits with the client. */
export class Waiting implements Party {
  readonly takesBody = false;
  readonly decodesBody = false;
  readonly waitingBytes = 0;
  /** The client sent its last byte, and may still read. */
  hasClientEnded = false;
  readonly #onGone: () => void;

  constructor(onGone: () => void) {
    this.#onGone = onGone;
  }

  write(): boolean {
    return false;
  }

  requestSpent(): void {}

  requestEnded(): void {}

  clientEnded(): void {
    this.hasClientEnded = true;
  }

  clientDrained(): void {}

  endTunnel(): void {}

  abandon(): void {
    this.#onGone();
  }
}

/** What all client connections keep of bytes together, and may keep; see DataPathLimits. */
export type HeldTogether = { heldBytes: number; readonly limits: { readonly heldBytesMax: number } };

/** Who keeps less than this is not given up for what others keep. */
const SMALL_BYTES = 16_384;

/** One connection's share of what all of them keep. Over the bound the one that added to it gives way. */
export class HeldBytes {
  readonly #together: HeldTogether;
  readonly #giveWay: () => void;
  #bytes = 0;

  constructor(together: HeldTogether, giveWay: () => void) {
    this.#together = together;
    this.#giveWay = giveWay;
  }

  set(bytes: number): void {
    const more = bytes - this.#bytes;
    if (more === 0) return;
    this.#bytes = bytes;
    this.#together.heldBytes += more;
    // Later: who writes or reads just now is not to be ended in the middle of it.
    if (more > 0 && this.#isOverload) setImmediate(() => this.#settle());
  }

  get #isOverload(): boolean {
    return this.#together.heldBytes > this.#together.limits.heldBytesMax;
  }

  #settle(): void {
    if (this.#isOverload && this.#bytes >= SMALL_BYTES) this.#giveWay();
  }
}

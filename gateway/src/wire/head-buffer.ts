import { findHeadEnd } from './fields.ts';

/** Gathers a head that arrives in pieces. Linear in its bytes, however small the pieces. */
export class HeadBuffer {
  #bytes: Buffer;
  #length: number;
  #resumeAt = 0;

  /** Copies: the head must not keep the read buffer that its first piece arrived in. */
  constructor(piece: Buffer) {
    this.#bytes = Buffer.allocUnsafeSlow(Math.max(512, piece.length * 2));
    this.#length = piece.copy(this.#bytes);
  }

  get length(): number {
    return this.#length;
  }

  /** What it takes up, with room to grow. */
  get capacity(): number {
    return this.#bytes.length;
  }

  push(piece: Buffer): void {
    const length = this.#length + piece.length;
    if (length > this.#bytes.length) {
      const grown = Buffer.allocUnsafeSlow(length * 2);
      this.#bytes.copy(grown, 0, 0, this.#length);
      this.#bytes = grown;
    }
    piece.copy(this.#bytes, this.#length);
    this.#length = length;
  }

  /** Offset behind the head's empty line, INCOMPLETE, or MALFORMED at a bare LF. */
  findEnd(): number {
    const end = findHeadEnd(this.#bytes, 0, this.#length, this.#resumeAt);
    this.#resumeAt = this.#length;
    return end;
  }

  /** All bytes so far, what follows the head among them. Take them once, then drop this. */
  take(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }
}

import type { Writable } from 'node:stream';

/** What is smaller costs more to free by itself than to leave to the garbage collector. */
const WORTH_FREEING_BYTES = 16_384;
/** More than fit under a socket's high-water mark are not expected, and are left to the collector too. */
const UNWRITTEN_MAX = 8;

/**
 * Frees the buffers that sockets read into as soon as they are written on.
 *
 * Each read of a stream is 64 KB of new memory outside the heap. The collector lets tens of megabytes of it
 * gather before it runs, and then runs often; freed at once, the next read finds the same memory again.
 *
 * A freed buffer is detached: who kept it against the rule finds it empty, never with bytes of another client.
 * Only the kernel's side of an unfinished write does not notice, so nothing is freed before the socket that the
 * bytes went to has nothing left to write, and nothing after it was destroyed with a write under way.
 */
export class SpentBuffers {
  readonly #socket: Writable;
  #unwritten: Buffer[] = [];

  /** `socket`: where the bytes go. */
  constructor(socket: Writable) {
    this.#socket = socket;
  }

  /** `chunk` is one read of a socket, all of it handed on; nobody but our socket's writes needs it any more. */
  add(chunk: Buffer): void {
    if (chunk.length < WORTH_FREEING_BYTES || chunk.length !== chunk.buffer.byteLength) return;
    if (this.#socket.writableLength > 0) {
      if (this.#unwritten.length < UNWRITTEN_MAX) this.#unwritten.push(chunk);
      return;
    }
    this.written();
    if (!this.#socket.destroyed) free(chunk);
  }

  /** The socket may have written all it had. */
  written(): void {
    if (this.#unwritten.length === 0 || this.#socket.writableLength > 0) return;
    const written = this.#unwritten;
    this.#unwritten = [];
    if (!this.#socket.destroyed) written.forEach(free);
  }
}

function free(chunk: Buffer): void {
  if (chunk.buffer instanceof ArrayBuffer) chunk.buffer.transfer(0);
}

import { connect, type Socket } from 'node:net';

/** For what takes moments on an idle machine. */
const DEADLINE_MS = 30_000;

/** A socket as a script of sends and expectations. Every read has a deadline; it parses nothing by itself. */
export class RawSocket {
  readonly socket: Socket;
  /** What came and was not read yet. */
  received = Buffer.alloc(0);
  receivedBytes = 0;
  /** How the other side ended, if it did. */
  ended: 'end' | 'reset' | undefined = undefined;
  #wake: (() => void)[] = [];

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => {
      this.received = Buffer.concat([this.received, chunk]);
      this.receivedBytes += chunk.length;
      this.#changed();
    });
    socket.on('end', () => {
      this.ended ??= 'end';
      this.#changed();
    });
    socket.on('error', () => {
      this.ended ??= 'reset';
      this.#changed();
    });
    socket.on('close', () => {
      this.ended ??= 'reset';
      this.#changed();
    });
  }

  send(bytes: string | Buffer): boolean {
    return typeof bytes === 'string' ? this.socket.write(bytes, 'latin1') : this.socket.write(bytes);
  }

  /** Half-closes. */
  end(): void {
    this.socket.end();
  }

  destroy(): void {
    this.socket.destroy();
  }

  reset(): void {
    this.socket.resetAndDestroy();
  }

  /** Up to and including `mark`, as Latin-1. */
  async readUntil(mark: string, deadlineMs = DEADLINE_MS): Promise<string> {
    let at = -1;
    await this.waitFor(
      () => {
        at = this.received.indexOf(mark, 0, 'latin1');
        return at !== -1 || this.ended !== undefined;
      },
      deadlineMs,
      `"${mark.trim()}"`,
    );
    if (at === -1) throw new Error(`ended (${this.ended}) before ${JSON.stringify(mark)}: ${this.show()}`);
    return this.#take(at + mark.length).toString('latin1');
  }

  async readHead(deadlineMs = DEADLINE_MS): Promise<string> {
    return this.readUntil('\r\n\r\n', deadlineMs);
  }

  async readExactly(length: number, deadlineMs = DEADLINE_MS): Promise<Buffer> {
    await this.waitFor(
      () => this.received.length >= length || this.ended !== undefined,
      deadlineMs,
      `${length} bytes`,
    );
    if (this.received.length < length)
      throw new Error(`ended (${this.ended}) before ${length} bytes: ${this.show()}`);
    return this.#take(length);
  }

  /** All that comes until the other side ends, and how it did. */
  async readToEnd(deadlineMs = DEADLINE_MS): Promise<{ text: string; how: 'end' | 'reset' }> {
    await this.waitFor(() => this.ended !== undefined, deadlineMs, 'the end');
    return { text: this.#take(this.received.length).toString('latin1'), how: this.ended ?? 'end' };
  }

  /** Fails if anything comes within `ms`. */
  async staysQuiet(ms = 80): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, ms));
    if (this.received.length > 0) throw new Error(`expected nothing, got ${this.show()}`);
  }

  async waitFor(condition: () => boolean, deadlineMs = DEADLINE_MS, what = 'a condition'): Promise<void> {
    const until = performance.now() + deadlineMs;
    while (!condition()) {
      const leftMs = until - performance.now();
      if (leftMs <= 0) throw new Error(`waited ${deadlineMs} ms for ${what}; have ${this.show()}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, leftMs);
        this.#wake.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  show(): string {
    return JSON.stringify(this.received.toString('latin1').slice(0, 300));
  }

  #take(length: number): Buffer {
    const taken = this.received.subarray(0, length);
    this.received = this.received.subarray(length);
    return taken;
  }

  #changed(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }
}

export function connectRaw(port: number): Promise<RawSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      resolve(new RawSocket(socket));
    });
  });
}

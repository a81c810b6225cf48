import { ChunkedScanner } from '../wire/chunked.ts';
import type { ResponseHead } from '../wire/response-head.ts';

/** Told of the monolith's final answer as it passes, body without its framing. Must neither throw nor wait. */
export type ResponseTap = {
  onHead(status: number, lines: readonly (readonly [name: string, value: string])[]): void;
  /** The bytes are valid during the call only: what is kept of them is copied. */
  onBody(bytes: Buffer): void;
  /** `isWhole`: by its framing. Called once, also where no answer came. */
  onEnd(isWhole: boolean): void;
};

/** Between a relay and its tap: takes the framing off, and keeps from the client what goes wrong behind it. */
export class TappedAnswer {
  #tap: ResponseTap | undefined;
  #scanner: ChunkedScanner | undefined = undefined;

  constructor(tap: ResponseTap) {
    this.#tap = tap;
  }

  /** `decoded`: the chunks of its body are taken off before it gets here. Before the head's bytes are made use of. */
  head(head: ResponseHead, decoded: boolean): void {
    if (head.framing === 'chunked' && !decoded) this.#scanner = new ChunkedScanner('data');
    const listed = head.listFields();
    const lines: (readonly [string, string])[] = [];
    for (let i = 0; i + 1 < listed.length; i += 2) lines.push([listed[i] as string, listed[i + 1] as string]);
    this.#tell((tap) => tap.onHead(head.status, lines));
  }

  body(bytes: Buffer): void {
    const scanner = this.#scanner;
    if (scanner === undefined) {
      if (bytes.length > 0) this.#tell((tap) => tap.onBody(bytes));
      return;
    }
    scanner.scan(bytes, 0, bytes.length);
    const { spans } = scanner;
    for (let i = 0; i < spans.length; i += 2) {
      const piece = bytes.subarray(spans[i], spans[i + 1]);
      this.#tell((tap) => tap.onBody(piece));
    }
  }

  end(isWhole: boolean): void {
    this.#tell((tap) => {
      this.#tap = undefined;
      tap.onEnd(isWhole);
    });
  }

  #tell(what: (tap: ResponseTap) => void): void {
    const tap = this.#tap;
    if (tap === undefined) return;
    try {
      what(tap);
    } catch {
      // It broke its promise, and hears no more: an answer on its way is not the place to make that known.
      this.#tap = undefined;
    }
  }
}

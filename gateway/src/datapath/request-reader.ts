import { CR, LF } from '../wire/bytes.ts';
import { ChunkedScanner } from '../wire/chunked.ts';
import { INCOMPLETE } from '../wire/fields.ts';
import { HeadBuffer } from '../wire/head-buffer.ts';
import { parseRequestHead, type RequestFault, type RequestHead } from '../wire/request-head.ts';

/** Who takes a body. */
export type BodySink = {
  /** Whether it is wanted decoded, not as it is on the wire. */
  readonly decodesBody: boolean;
  requestBytes(bytes: Buffer): void;
};

const EMPTY_LINES_MAX = 4;

/**
 * Makes requests of a client's bytes: heads, and bodies framed by them. It keeps what came and was not read
 * yet; when to read on, and what that is worth, is its connection's to say.
 */
export class RequestReader {
  /** Whether the body of the request under way has been read to its end. */
  isBodyWhole = true;
  readonly #headBytesMax: number;
  /** Of a head that has not come whole. */
  #held: HeadBuffer | undefined = undefined;
  /** What has not been looked at. */
  #pending: Buffer | undefined = undefined;
  #emptyLines = 0;
  #isBodyChunked = false;
  #bodyLeft = 0;
  #scanner: ChunkedScanner | undefined = undefined;

  constructor(headBytesMax: number) {
    this.#headBytesMax = headBytesMax;
  }

  get hasPending(): boolean {
    return this.#pending !== undefined;
  }

  get pendingBytes(): number {
    return this.#pending?.length ?? 0;
  }

  /** What is kept of bytes that came. */
  get heldBytes(): number {
    return (this.#held?.capacity ?? 0) + (this.#pending?.length ?? 0);
  }

  get isInsideHead(): boolean {
    return this.#held !== undefined;
  }

  push(chunk: Buffer): void {
    this.#pending = this.#pending === undefined ? chunk : Buffer.concat([this.#pending, chunk]);
  }

  takePending(): Buffer | undefined {
    const pending = this.#pending;
    this.#pending = undefined;
    return pending;
  }

  /** Forgets what came. */
  drop(): void {
    this.#pending = undefined;
    this.#held = undefined;
    this.#scanner = undefined;
  }

  /** Reads what is pending as a head: that of the request now under way, why there is none, or nothing yet. */
  readHead(): RequestHead | RequestFault | undefined {
    let bytes = this.takePending();
    if (bytes === undefined) return undefined;
    let at = 0;
    if (this.#held !== undefined) {
      this.#held.push(bytes);
      const end = this.#held.findEnd();
      if (end === INCOMPLETE) return this.#held.length > this.#headBytesMax ? 'head-too-large' : undefined;
      if (end < 0) return 'malformed';
      bytes = this.#held.take();
      this.#held = undefined;
    } else {
      // RFC 9112 §2.2: an empty line before a request is to be ignored; a flood of them is not.
      while (bytes[at] === CR && bytes[at + 1] === LF) {
        at += 2;
        if (++this.#emptyLines > EMPTY_LINES_MAX) return 'malformed';
      }
      if (at === bytes.length) return undefined;
    }
    const head = parseRequestHead(bytes, at, bytes.length);
    if (head === INCOMPLETE) {
      if (bytes.length - at > this.#headBytesMax) return 'head-too-large';
      this.#held = new HeadBuffer(bytes.subarray(at));
      return undefined;
    }
    if (head.fault !== undefined) return head.fault;
    if (head.end - at > this.#headBytesMax) return 'head-too-large';
    if (head.end < bytes.length) this.#pending = bytes.subarray(head.end);
    this.#emptyLines = 0;
    this.#scanner = undefined;
    this.isBodyWhole = head.framing === 'none';
    this.#isBodyChunked = head.framing === 'chunked';
    this.#bodyLeft = head.framing === 'length' ? head.contentLength : 0;
    return head;
  }

  /** Reads what is pending as body, up to the body's end. False: it is malformed. */
  readBody(sink: BodySink): boolean {
    const bytes = this.takePending();
    if (bytes === undefined) return true;
    let end: number;
    if (this.#isBodyChunked) {
      this.#scanner ??= new ChunkedScanner(sink.decodesBody ? 'data' : 'wire');
      const scanner = this.#scanner;
      end = scanner.scan(bytes, 0, bytes.length);
      if (scanner.isFaulty) return false;
      const { spans, tail } = scanner;
      for (let i = 0; i < spans.length; i += 2) sink.requestBytes(bytes.subarray(spans[i], spans[i + 1]));
      if (tail !== undefined) sink.requestBytes(tail);
      this.isBodyWhole = scanner.isDone;
    } else {
      end = Math.min(bytes.length, this.#bodyLeft);
      this.#bodyLeft -= end;
      sink.requestBytes(end === bytes.length ? bytes : bytes.subarray(0, end));
      this.isBodyWhole = this.#bodyLeft === 0;
    }
    if (end < bytes.length) this.#pending = bytes.subarray(end);
    return true;
  }
}

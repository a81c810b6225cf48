import { CR, HEX_VALUE, IS_TEXT, LF, SEMICOLON } from './bytes.ts';
import { type FieldSink, findHeadEnd, INCOMPLETE, scanFields } from './fields.ts';
import { framesMessage, isForbiddenTrailer } from './hop-by-hop.ts';

/** Where the scanner stands in the grammar of RFC 9112 §7.1. */
const SIZE_START = 0;
const SIZE = 1;
const EXTENSION = 2;
const SIZE_LF = 3;
const DATA = 4;
const DATA_CR = 5;
const DATA_LF = 6;
const TRAILER_START = 7;
const FINAL_LF = 8;
const TRAILER = 9;
const DONE = 10;
const FAULT = 11;

/** Hex digits of a chunk size: 2^52 - 1 at most, so that it stays an exact number. */
const SIZE_DIGITS_MAX = 13;
/** Extensions of one message in all (they are dropped; unbounded they are a flood: CVE-2024-22019). */
const EXTENSION_BYTES_MAX = 16_384;
const TRAILER_BYTES_MAX = 16_384;

/**
 * Reads a chunked body strictly and says which of its bytes are to be handed on.
 *
 * As `wire` those are the bytes as they came, but for chunk extensions, which are for this hop only, and for
 * trailer fields that nobody may merge into a head. As `data` they are the decoded content.
 */
export class ChunkedScanner {
  /** After scan(): pairs of offsets to hand on, in order. Reused by the next scan(). */
  readonly spans: number[] = [];
  /** After scan(): bytes to hand on behind the spans (filtered trailers), once. */
  tail: Buffer | undefined = undefined;
  readonly #keepsWire: boolean;
  #state = SIZE_START;
  #remaining = 0;
  #digits = 0;
  #extensionBytes = 0;
  #trailer: Buffer | undefined = undefined;
  #trailerResume = 0;

  constructor(as: 'wire' | 'data') {
    this.#keepsWire = as === 'wire';
  }

  get isDone(): boolean {
    return this.#state === DONE;
  }

  get isFaulty(): boolean {
    return this.#state === FAULT;
  }

  /** Consumes from `bytes[from, to)`; returns the offset behind what belongs to this body. */
  scan(bytes: Buffer, from: number, to: number): number {
    this.spans.length = 0;
    this.tail = undefined;
    let at = from;
    let spanStart = from;
    const wire = this.#keepsWire;
    while (at < to && this.#state < DONE) {
      switch (this.#state) {
        case DATA: {
          const taken = Math.min(this.#remaining, to - at);
          if (!wire) this.#span(at, at + taken);
          this.#remaining -= taken;
          at += taken;
          if (this.#remaining === 0) this.#state = DATA_CR;
          break;
        }
        case DATA_CR:
          this.#state = bytes[at++] === CR ? DATA_LF : FAULT;
          break;
        case DATA_LF:
          this.#state = bytes[at++] === LF ? SIZE_START : FAULT;
          break;
        case SIZE_START:
          this.#remaining = 0;
          this.#digits = 0;
          this.#state = (HEX_VALUE[bytes[at] as number] as number) < 0 ? FAULT : SIZE;
          break;
        case SIZE: {
          const byte = bytes[at] as number;
          const digit = HEX_VALUE[byte] as number;
          if (digit >= 0) {
            if (++this.#digits > SIZE_DIGITS_MAX) this.#state = FAULT;
            this.#remaining = this.#remaining * 16 + digit;
            at++;
          } else if (byte === CR) {
            at++;
            this.#state = SIZE_LF;
          } else if (byte === SEMICOLON) {
            if (wire) this.#span(spanStart, at);
            at++;
            // Nothing until the extension's end, wherever that comes.
            spanStart = to;
            this.#state = EXTENSION;
          } else this.#state = FAULT;
          break;
        }
        case EXTENSION: {
          const extensionStart = at;
          while (at < to && IS_TEXT[bytes[at] as number] === 1) at++;
          this.#extensionBytes += at - extensionStart;
          if (this.#extensionBytes > EXTENSION_BYTES_MAX) this.#state = FAULT;
          else if (at < to) {
            spanStart = at;
            this.#state = bytes[at++] === CR ? SIZE_LF : FAULT;
          } else spanStart = to;
          break;
        }
        case SIZE_LF:
          if (bytes[at++] !== LF) this.#state = FAULT;
          else this.#state = this.#remaining > 0 ? DATA : TRAILER_START;
          break;
        case TRAILER_START:
          if (bytes[at] === CR) {
            at++;
            this.#state = FINAL_LF;
          } else {
            if (wire) this.#span(spanStart, at);
            spanStart = to;
            this.#state = TRAILER;
          }
          break;
        case FINAL_LF:
          this.#state = bytes[at++] === LF ? DONE : FAULT;
          break;
        case TRAILER:
          at = this.#trailers(bytes, at, to);
          spanStart = at;
          break;
      }
    }
    if (this.#state === FAULT) this.spans.length = 0;
    else if (wire) this.#span(spanStart, at);
    return at;
  }

  #span(start: number, end: number): void {
    if (end > start) this.spans.push(start, end);
  }

  /** Collects the trailer section until its empty line, then filters it into `tail`. */
  #trailers(bytes: Buffer, from: number, to: number): number {
    const had = this.#trailer?.length ?? 0;
    const piece = bytes.subarray(from, to);
    const section = this.#trailer === undefined ? piece : Buffer.concat([this.#trailer, piece]);
    const end = findHeadEnd(section, 0, section.length, this.#trailerResume);
    if (end === INCOMPLETE) {
      if (section.length > TRAILER_BYTES_MAX) this.#state = FAULT;
      // A copy: the section must not keep the read buffer that it arrived in.
      this.#trailer = this.#trailer === undefined ? Buffer.from(section) : section;
      this.#trailerResume = section.length;
      return to;
    }
    if (end < 0 || end > TRAILER_BYTES_MAX) {
      this.#state = FAULT;
      return to;
    }
    const kept: Buffer[] = [];
    let isFraming = false;
    const sink: FieldSink = {
      field: (nameStart, nameEnd, _, __, lineEnd) => {
        if (framesMessage(section, nameStart, nameEnd)) isFraming = true;
        else if (!isForbiddenTrailer(section, nameStart, nameEnd))
          kept.push(section.subarray(nameStart, lineEnd));
      },
    };
    if (scanFields(section, 0, end, sink) !== end || isFraming) {
      this.#state = FAULT;
      return to;
    }
    kept.push(END_OF_LINES);
    if (this.#keepsWire) this.tail = Buffer.concat(kept);
    this.#trailer = undefined;
    this.#state = DONE;
    return from + end - had;
  }
}

const END_OF_LINES = Buffer.from('\r\n');

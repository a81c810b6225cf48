import type { RequestHead } from '../wire/request-head.ts';
import {
  type AnswerFraming,
  contentLengthOf,
  hasDate,
  headLine,
  headText,
  type Line,
} from './answer-head.ts';
import type { ClientSide } from './client-side.ts';
import { appendedLines, type HeadEdits } from './head-edits.ts';
import { LocalBody, type ReceivedBody } from './local-body.ts';
import type { Party } from './party.ts';

/** The exchange, as an answer made here sees it. */
export type LocalAnswerOwner = {
  readonly head: RequestHead;
  readonly isRequestWhole: boolean;
  readonly answerEdits: HeadEdits | undefined;
  status: number;
  cause: Error | undefined;
  over(outcome: 'answered' | 'client-gone' | 'broken'): void;
};

/** An answer made here; `Answer` of a carve-out is one. */
export type LocalContent = {
  readonly status: number;
  readonly headers: readonly Line[];
  readonly body: Buffer | null | AsyncIterable<Uint8Array>;
  readonly trailers?: () => readonly Line[];
};

export type LocalAnswerOptions = {
  readonly bodyBytesMax: number;
  /** The client left, or the exchange was answered in another way: whatever is under way is for nobody. */
  readonly onGone: () => void;
};

/**
 * A request that is answered here, by a handler that may take its time: its body is read when asked for, the answer
 * is framed as Node's own server frames it, and what the client takes slowly is made slowly. The invariants are
 * those of exchange.ts.
 */
export class LocalAnswer implements Party {
  readonly decodesBody = true;
  readonly #owner: LocalAnswerOwner;
  readonly #client: ClientSide;
  readonly #body: LocalBody;
  readonly #onGone: () => void;
  #drained: (() => void) | undefined = undefined;
  #isOver = false;
  /** The answer is out, and an unread body is being read off before the next request. */
  #isAnswered = false;
  #mustClose = false;

  constructor(owner: LocalAnswerOwner, client: ClientSide, options: LocalAnswerOptions) {
    this.#owner = owner;
    this.#client = client;
    this.#onGone = options.onGone;
    this.#body = new LocalBody(options.bodyBytesMax, owner.isRequestWhole);
    // Node's server asks for the body before it looks at the request.
    if (owner.head.expectsContinue && owner.head.minorVersion === 1) client.write(CONTINUE);
  }

  /** The body, of at most `bodyBytesMax`; a longer one is read off first, up to a bound. */
  readBody(): Promise<ReceivedBody> {
    const body = this.#body.read();
    if (!this.#isOver && this.#body.takesBytes) this.#client.takeBody();
    return body;
  }

  /**
   * Lets go of the request, of which nothing was read and to which nothing was answered, so that it can be forwarded.
   * False: it is too late for that.
   */
  handOver(): boolean {
    const isUntouched = this.#owner.head.framing === 'none' || this.#body.isUnasked;
    if (this.#isOver || this.#owner.status !== 0 || !isUntouched) return false;
    this.#isOver = true;
    return true;
  }

  get takesBody(): boolean {
    return this.#body.takesBytes;
  }

  get waitingBytes(): number {
    return this.#body.keptBytes;
  }

  write(bytes: Buffer): boolean {
    this.#body.push(bytes);
    // An upload without end: the client is told, and what it still sends is not read.
    if (this.#body.isEndless && this.#isAnswered) this.#finish(true);
    return !this.#body.isEndless;
  }

  /** The body may be made of it. */
  requestSpent(): void {}

  requestEnded(): void {
    this.#body.end();
    if (this.#isAnswered) this.#finish(this.#mustClose);
  }

  /** As Node's server takes it: a client that sends no more has left. */
  clientEnded(): void {
    if (this.#isOver) return;
    this.abandon();
    this.#owner.over('client-gone');
    this.#client.breakOff(false);
  }

  clientDrained(): void {
    const drained = this.#drained;
    this.#drained = undefined;
    drained?.();
  }

  endTunnel(): void {}

  abandon(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#body.cutOff();
    this.clientDrained();
    this.#onGone();
  }

  /** Sends the answer. Throws before anything of it is sent if a line of it cannot be written. */
  async send(content: LocalContent, now: Date, more: readonly Line[] = []): Promise<void> {
    const { body } = content;
    if (body === null || Buffer.isBuffer(body)) this.#sendWhole(content, body ?? EMPTY, now, more);
    else await this.#sendStream(content, body, now, more);
  }

  #sendWhole(content: LocalContent, body: Buffer, now: Date, more: readonly Line[]): void {
    const length = contentLengthOf(content.headers);
    const isBodiless = this.#isBodiless(content.status);
    if (length !== undefined && length !== body.length && !isBodiless) {
      throw new Error(`an answer of ${body.length} bytes says that it has ${length}`);
    }
    const framing = isBodiless ? '' : length === undefined ? `Content-Length: ${body.length}\r\n` : '';
    const text = this.#head(content, now, more, framing, false);
    if (this.#isOver) return;
    this.#begin(content.status);
    this.#client.write(isBodiless ? Buffer.from(text, 'latin1') : inOnePiece(text, body));
    this.#end();
  }

  async #sendStream(
    content: LocalContent,
    body: AsyncIterable<Uint8Array>,
    now: Date,
    more: readonly Line[],
  ): Promise<void> {
    const length = contentLengthOf(content.headers);
    const framing = this.#framingOf(content.status, length);
    const line = framing === 'chunked' ? 'Transfer-Encoding: chunked\r\n' : '';
    const head = Buffer.from(
      this.#head(announced(content, framing), now, more, line, framing === 'until-close'),
      'latin1',
    );
    const pieces = body[Symbol.asyncIterator]();
    try {
      if (this.#isOver) return;
      this.#begin(content.status);
      this.#client.write(head);
      if (framing !== 'none') {
        const sent = await this.#pump(pieces, framing === 'chunked', length);
        if (this.#isOver) return;
        if (length !== undefined && sent !== length) {
          throw new Error(`a body of ${length} bytes ended after ${sent}`);
        }
        if (framing === 'chunked') this.#client.write(lastChunk(content.trailers?.() ?? []));
      }
      this.#end();
    } catch (cause) {
      this.#break(cause, framing);
    } finally {
      // Whoever feeds the body learns that nobody wants more of it. It has no answer for us.
      pieces.return?.().catch(() => {});
    }
  }

  /** Takes a piece when the client has taken the one before; gives the number of bytes. */
  async #pump(
    pieces: AsyncIterator<Uint8Array>,
    chunked: boolean,
    length: number | undefined,
  ): Promise<number> {
    let sent = 0;
    while (!this.#isOver) {
      const { done, value } = await pieces.next();
      if (done === true || this.#isOver) break;
      if (value.length === 0) continue;
      sent += value.length;
      if (length !== undefined && sent > length) break;
      if (!this.#writePiece(asBuffer(value), chunked)) {
        await new Promise<void>((resolve) => {
          this.#drained = resolve;
        });
      }
    }
    return sent;
  }

  #writePiece(piece: Buffer, chunked: boolean): boolean {
    if (!chunked) return this.#client.write(piece);
    let takesMore = true;
    this.#client.writeTogether(() => {
      this.#client.write(Buffer.from(`${piece.length.toString(16)}\r\n`, 'latin1'));
      this.#client.write(piece);
      takesMore = this.#client.write(LINE_END);
    });
    return takesMore;
  }

  #isBodiless(status: number): boolean {
    return this.#owner.head.method === 'HEAD' || status === 204 || status === 304;
  }

  #framingOf(status: number, length: number | undefined): AnswerFraming {
    if (this.#isBodiless(status)) return 'none';
    if (length !== undefined) return 'length';
    return this.#owner.head.minorVersion === 1 ? 'chunked' : 'until-close';
  }

  /** Lines in the order in which Node's server writes them: the handler's, Date, what frames the body. */
  #head(
    content: LocalContent,
    now: Date,
    more: readonly Line[],
    framing: string,
    untilClose: boolean,
  ): string {
    this.#mustClose = untilClose || this.#body.isEndless || this.#client.closesAfterAnswer;
    let text = headText(content.status, content.headers);
    for (const [name, value] of more) text += headLine(name, value);
    text += appendedLines(this.#owner.answerEdits?.append);
    if (!hasDate(content.headers)) text += `Date: ${now.toUTCString()}\r\n`;
    text += framing;
    if (this.#mustClose) text += 'Connection: close\r\n';
    else if (this.#owner.head.minorVersion === 0) text += 'Connection: keep-alive\r\n';
    return `${text}\r\n`;
  }

  #begin(status: number): void {
    this.#owner.status = status;
    this.#client.answerBegan();
  }

  /** The answer is whole. A body that nobody read is read off, as Node's server does, so that the client is heard. */
  #end(): void {
    if (this.#isOver) return;
    if (this.#owner.isRequestWhole || this.#body.isEndless) {
      this.#finish(this.#mustClose);
      return;
    }
    this.#isAnswered = true;
    this.#body.discard();
    this.#client.takeBody();
  }

  #finish(mustClose: boolean): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#owner.over('answered');
    this.#client.exchangeDone(mustClose);
  }

  /** A part of an answer must not look like a whole one. */
  #break(cause: unknown, framing: AnswerFraming): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#owner.cause = cause instanceof Error ? cause : new Error(String(cause));
    this.#owner.over('broken');
    this.#client.breakOff(framing === 'until-close');
  }
}

const EMPTY = Buffer.alloc(0);
const CONTINUE = Buffer.from('HTTP/1.1 100 Continue\r\n\r\n');
const LINE_END = Buffer.from('\r\n');

/** To a client of HTTP/1.0, which knows no chunks, no trailers are announced: it gets none. */
function announced(content: LocalContent, framing: AnswerFraming): LocalContent {
  if (framing !== 'until-close') return content;
  return { ...content, headers: content.headers.filter(([name]) => name.toLowerCase() !== 'trailer') };
}

/** Head and body go out in one write. */
function inOnePiece(head: string, body: Buffer): Buffer {
  const bytes = Buffer.allocUnsafe(head.length + body.length);
  bytes.write(head, 0, 'latin1');
  body.copy(bytes, head.length);
  return bytes;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function lastChunk(trailers: readonly Line[]): Buffer {
  let text = '0\r\n';
  for (const [name, value] of trailers) text += headLine(name, value);
  return Buffer.from(`${text}\r\n`, 'latin1');
}

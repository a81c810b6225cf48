import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { ChunkedScanner } from '../wire/chunked.ts';
import { INCOMPLETE } from '../wire/fields.ts';
import { HeadBuffer } from '../wire/head-buffer.ts';
import { parseResponseHead, type ResponseHead } from '../wire/response-head.ts';
import { SpentBuffers } from './spent-buffers.ts';
import { guardWrites } from './write-guard.ts';

/** How an upstream connection was lost. `reset` stands for every ending that was not a clean close. */
export type Loss = 'closed' | 'reset' | 'malformed';

/** What an upstream connection tells the exchange it serves. */
export type ResponseReceiver = {
  /** The answer will be to HEAD: whatever its fields say, no body follows. */
  readonly isHead: boolean;
  /** The request is HTTP/1.0: chunks are decoded, interim answers swallowed. */
  readonly isOldClient: boolean;
  readonly wantsUpgrade: boolean;
  interim(head: ResponseHead): void;
  /** `rest`: what followed the 101's head, already the new protocol. */
  switched(head: ResponseHead, rest: Buffer): void;
  /** The final head. `bodyEnd`: up to where the head's own buffer holds body to go with it. */
  responseHead(head: ResponseHead, bodyEnd: number): void;
  responseBytes(bytes: Buffer): void;
  responseEnd(): void;
  tunnelBytes(bytes: Buffer): void;
  /** One read of the connection's socket, all of which was handed on. */
  responseSpent(chunk: Buffer): void;
  tunnelEnd(): void;
  upstreamDrained(): void;
  upstreamLost(loss: Loss, cause: Error | undefined): void;
};

export type UpstreamConnectionOwner = {
  readonly headBytesMax: number;
  /** The connection ended while it was idle. */
  left(connection: UpstreamConnection): void;
};

const INTERIM_ANSWERS_MAX = 32;

/**
 * One connection to the monolith, and the reader of what comes on it.
 *
 * It serves one exchange at a time. Between exchanges it is idle; a byte that arrives then belongs to nobody
 * and ends the connection, so that it can never be taken for an answer to the next client.
 */
export class UpstreamConnection {
  readonly socket: Duplex;
  /** When it became idle; the pool's. */
  idleSince = 0;
  /** Whether it has answered before: then its end without an answer says nothing about the request. */
  isReused = false;
  /** Whether anything came for the exchange under way. */
  hasAnswered = false;
  readonly #owner: UpstreamConnectionOwner;
  readonly #spent: SpentBuffers;
  /** What comes from within this process may be somebody's constant, and what goes there may be kept. */
  readonly #leavesProcess: boolean;
  #receiver: ResponseReceiver | undefined = undefined;
  #held: HeadBuffer | undefined = undefined;
  #phase: 'head' | 'length' | 'chunked' | 'until-close' | 'done' | 'tunnel' = 'head';
  #remaining = 0;
  #scanner: ChunkedScanner | undefined = undefined;
  #interims = 0;
  #isPersistent = false;
  #writeFailed = false;
  #hasEnded = false;
  #isOver = false;

  constructor(socket: Duplex, owner: UpstreamConnectionOwner) {
    this.socket = socket;
    this.#owner = owner;
    this.#spent = new SpentBuffers(socket);
    this.#leavesProcess = socket instanceof Socket;
    guardWrites(socket, () => this.#onWriteFailure());
    socket.on('data', (chunk: Buffer) => this.#onData(chunk));
    socket.on('end', () => this.#onEnd());
    socket.on('drain', () => {
      this.#spent.written();
      this.#receiver?.upstreamDrained();
    });
    socket.on('error', (cause) => this.#over('reset', cause));
    socket.on('close', () => this.#over(this.#hasEnded ? 'closed' : 'reset'));
  }

  get isIdle(): boolean {
    return this.#receiver === undefined;
  }

  /** Whether it may be used again once its exchange lets go of it. */
  get isReusable(): boolean {
    return (
      this.#phase === 'done' && this.#isPersistent && !this.#writeFailed && !this.#isOver && !this.#hasEnded
    );
  }

  assign(receiver: ResponseReceiver): void {
    this.#receiver = receiver;
    this.hasAnswered = false;
    this.#phase = 'head';
    this.#interims = 0;
  }

  /** The exchange lets go; afterwards nothing that comes is for it. */
  release(): void {
    this.#receiver = undefined;
    this.isReused = true;
    if (this.socket.isPaused()) this.socket.resume();
  }

  /** False: hold back until upstreamDrained. */
  write(bytes: Buffer): boolean {
    return this.#writeFailed || this.socket.write(bytes);
  }

  /** What was written of it is all there is to it. */
  requestSpent(chunk: Buffer): void {
    if (this.#leavesProcess && !this.#writeFailed) this.#spent.add(chunk);
  }

  /** The client will send no more. */
  end(): void {
    if (!this.#writeFailed && !this.socket.writableEnded) this.socket.end();
  }

  destroy(): void {
    this.#receiver = undefined;
    this.#isOver = true;
    this.socket.destroy();
  }

  /** Destroys once what was written is out. */
  destroySoon(): void {
    this.#receiver = undefined;
    this.#isOver = true;
    if (this.#writeFailed || this.socket.writableFinished) this.socket.destroy();
    else {
      this.socket.end();
      this.socket.once('finish', () => this.socket.destroy());
    }
  }

  #over(loss: Loss, cause?: Error): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const receiver = this.#receiver;
    this.#receiver = undefined;
    this.socket.destroy();
    if (receiver === undefined) this.#owner.left(this);
    else if (this.#phase === 'until-close' && loss === 'closed') receiver.responseEnd();
    else receiver.upstreamLost(loss, cause);
  }

  #onWriteFailure(): void {
    if (this.#writeFailed) return;
    this.#writeFailed = true;
    if (this.#receiver === undefined) this.#over('reset');
    // What the peer said before it stopped listening is still to be read; a paused reader would never see it.
    else if (this.#phase === 'tunnel') this.#over('reset');
    else this.#receiver.upstreamDrained();
  }

  #onEnd(): void {
    this.#hasEnded = true;
    if (this.#phase === 'tunnel' && this.#receiver !== undefined) this.#receiver.tunnelEnd();
    else this.#over('closed');
  }

  #onData(chunk: Buffer): void {
    const receiver = this.#receiver;
    if (receiver === undefined) {
      this.#over('malformed');
      return;
    }
    this.hasAnswered = true;
    switch (this.#phase) {
      case 'head':
        this.#readHead(chunk, receiver);
        break;
      case 'done':
        // More than was announced. The answer stands; the connection is good for nothing else.
        this.#isPersistent = false;
        break;
      case 'tunnel':
        receiver.tunnelBytes(chunk);
        break;
      default:
        this.#readBody(chunk, 0, receiver, undefined);
    }
    if (this.#leavesProcess) receiver.responseSpent(chunk);
  }

  #readHead(chunk: Buffer, receiver: ResponseReceiver): void {
    let bytes = chunk;
    if (this.#held !== undefined) {
      this.#held.push(chunk);
      const end = this.#held.findEnd();
      if (end === INCOMPLETE && this.#held.length <= this.#owner.headBytesMax) return;
      if (end < 0) {
        this.#over('malformed');
        return;
      }
      bytes = this.#held.take();
      this.#held = undefined;
    }
    let at = 0;
    while (at < bytes.length) {
      const head = parseResponseHead(bytes, at, bytes.length, receiver.isHead);
      if (head === INCOMPLETE) {
        if (bytes.length - at > this.#owner.headBytesMax) {
          this.#over('malformed');
          return;
        }
        this.#held = new HeadBuffer(bytes.subarray(at));
        return;
      }
      if (head.malformed || head.end - at > this.#owner.headBytesMax) {
        this.#over('malformed');
        return;
      }
      if (head.status >= 200) {
        this.#begin(head, bytes, receiver);
        return;
      }
      if (head.status === 101) {
        if (!receiver.wantsUpgrade) {
          this.#over('malformed');
          return;
        }
        this.#phase = 'tunnel';
        receiver.switched(head, bytes.subarray(head.end));
        return;
      }
      if (++this.#interims > INTERIM_ANSWERS_MAX) {
        this.#over('malformed');
        return;
      }
      if (!receiver.isOldClient) receiver.interim(head);
      if (this.#isOver) return;
      at = head.end;
    }
  }

  #begin(head: ResponseHead, bytes: Buffer, receiver: ResponseReceiver): void {
    this.#isPersistent = head.isPersistent();
    switch (head.framing) {
      case 'none':
        this.#phase = 'done';
        if (head.end < bytes.length) this.#isPersistent = false;
        receiver.responseHead(head, head.end);
        if (this.#receiver === receiver) receiver.responseEnd();
        return;
      case 'length':
        this.#phase = 'length';
        this.#remaining = head.contentLength;
        break;
      case 'chunked':
        this.#phase = 'chunked';
        this.#scanner = new ChunkedScanner(receiver.isOldClient ? 'data' : 'wire');
        break;
      case 'until-close':
        this.#phase = 'until-close';
    }
    this.#readBody(bytes, head.end, receiver, head);
  }

  /** Reads body from `bytes` at `from`; with `head` still to be handed on, head and body go together. */
  #readBody(bytes: Buffer, from: number, receiver: ResponseReceiver, head: ResponseHead | undefined): void {
    const to = bytes.length;
    let isDone = false;
    if (this.#phase === 'chunked') {
      const scanner = this.#scanner as ChunkedScanner;
      const end = scanner.scan(bytes, from, to);
      // With the head still unsent the client gets a 502, else a broken answer.
      if (scanner.isFaulty) {
        this.#over('malformed');
        return;
      }
      const { spans, tail } = scanner;
      let next = 0;
      if (head !== undefined) {
        const joins = spans.length > 0 && spans[0] === from;
        receiver.responseHead(head, joins ? (spans[1] as number) : from);
        if (joins) next = 2;
      }
      for (; next < spans.length; next += 2) {
        receiver.responseBytes(bytes.subarray(spans[next], spans[next + 1]));
      }
      if (tail !== undefined) receiver.responseBytes(tail);
      isDone = scanner.isDone;
      if (end < to) this.#isPersistent = false;
    } else {
      let end = to;
      if (this.#phase === 'length') {
        if (to - from > this.#remaining) {
          end = from + this.#remaining;
          this.#isPersistent = false;
        }
        this.#remaining -= end - from;
        isDone = this.#remaining === 0;
      }
      if (head !== undefined) receiver.responseHead(head, end);
      else if (end > from)
        receiver.responseBytes(from === 0 && end === to ? bytes : bytes.subarray(from, end));
    }
    if (!isDone) return;
    this.#phase = 'done';
    this.#scanner = undefined;
    if (this.#receiver === receiver) receiver.responseEnd();
  }
}

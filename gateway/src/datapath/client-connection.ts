import type { Socket } from 'node:net';
import type { RequestHead } from '../wire/request-head.ts';
import type { ClientContext } from './client-context.ts';
import type { ClientSide } from './client-side.ts';
import { Exchange } from './exchange.ts';
import { type Answer, answerBytes, gatewayAnswer } from './gateway-answer.ts';
import { HeldBytes } from './held-bytes.ts';
import { LINGER_IDLE_MS, Linger } from './linger.ts';
import { REFUSAL_STATUS, type RefusalReason } from './refusal.ts';
import type { Peer } from './request-bytes.ts';
import { RequestReader } from './request-reader.ts';
import { SpentBuffers } from './spent-buffers.ts';

/** `head`: between requests or inside a head. `linger`: answered for the last time, reading what still comes. */
type Phase = 'head' | 'exchange' | 'tunnel' | 'linger' | 'closed';

/** What a client may send ahead of its turn (pipelined requests, body before we are connected). */
const PENDING_BYTES_MAX = 65_536;
const NEVER = Number.POSITIVE_INFINITY;

/** One client's connection: serves its requests one after another, each in its time. See exchange.ts. */
export class ClientConnection implements ClientSide {
  readonly peer: Peer;
  sentBytes = 0;
  /** When `expire` is due; moved with each wait. */
  deadlineAt: number;
  readonly #socket: Socket;
  readonly #context: ClientContext;
  readonly #reader: RequestReader;
  readonly #held: HeldBytes;
  readonly #spent: SpentBuffers;
  #phase: Phase = 'head';
  #exchange: Exchange | undefined = undefined;
  #isHeldBack = false;
  #isAwaiting = false;
  #hasEnded = false;
  #closesAfter = false;
  #lingering: Linger | undefined = undefined;
  #isReading = false;
  #stalledAt = NEVER;
  #tunnelEnds = 0;

  constructor(socket: Socket, peer: Peer, context: ClientContext) {
    this.#socket = socket;
    this.peer = peer;
    this.#context = context;
    this.#reader = new RequestReader(context.limits.headBytesMax);
    this.#held = new HeldBytes(context, () => this.#giveWay());
    this.#spent = new SpentBuffers(socket);
    this.deadlineAt = context.now() + context.limits.clientIdleMs;
    socket.on('data', (chunk: Buffer) => this.#onData(chunk));
    socket.on('end', () => this.#onEnd());
    socket.on('drain', () => this.#onDrain());
    // 'close' follows, and says all there is to do.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#onClose());
  }

  get isIdle(): boolean {
    return this.#phase === 'head' && !this.#reader.isInsideHead && !this.#reader.hasPending;
  }

  get isHalfClosed(): boolean {
    return this.#hasEnded && !this.#reader.hasPending;
  }

  get closesAfterAnswer(): boolean {
    return this.#closesAfter || this.#context.isDraining;
  }

  /** Something waited for did not come by `deadlineAt`, or the client takes nothing of what we have for it. */
  expire(nowMs: number): void {
    if (nowMs - this.#stalledAt >= this.#context.limits.stallMs) {
      this.#socket.destroy();
      return;
    }
    if (nowMs < this.deadlineAt) return;
    this.deadlineAt = NEVER;
    if (this.#phase === 'exchange') {
      const exchange = this.#exchange;
      if (this.#reader.isBodyWhole || this.#isHeldBack || exchange?.takesBody !== true)
        exchange?.answerLate();
      else exchange.refuse(408);
    } else if (this.#phase === 'head' && this.#reader.isInsideHead) this.#refuse('head-late');
    else this.#socket.destroy();
  }

  /** The port is closed: an idle client may send one more request and is told to close. */
  drain(): void {
    if (!this.isIdle) return;
    this.deadlineAt = Math.min(this.deadlineAt, this.#context.now() + this.#context.limits.drainIdleMs);
  }

  destroy(): void {
    this.#socket.destroy();
  }

  write(bytes: Buffer): boolean {
    this.sentBytes += bytes.length;
    if (this.#socket.write(bytes)) return true;
    if (this.#stalledAt === NEVER) this.#stalledAt = this.#context.now();
    this.#account();
    return false;
  }

  responseSpent(chunk: Buffer): void {
    this.#spent.add(chunk);
  }

  writeTogether(writes: () => void): void {
    this.#socket.cork();
    writes();
    this.#socket.uncork();
  }

  takeBody(): void {
    this.#isHeldBack = false;
    if (this.#phase === 'tunnel') {
      this.#flow();
      return;
    }
    if (!this.#reader.isBodyWhole) this.#awaitBody();
    this.#pump();
  }

  holdBody(): void {
    this.#isHeldBack = true;
    if (this.#phase === 'exchange') {
      const { firstByteMs, stallMs } = this.#context.limits;
      this.deadlineAt = this.#context.now() + (this.#isAwaiting ? firstByteMs : stallMs);
    }
    this.#flow();
  }

  awaitAnswer(): void {
    this.#isAwaiting = true;
    this.deadlineAt = this.#context.now() + this.#context.limits.firstByteMs;
  }

  answerBegan(): void {
    this.#isAwaiting = false;
    if (this.#reader.isBodyWhole) this.deadlineAt = NEVER;
  }

  answer(answer: Answer, mustClose: boolean): void {
    const head = this.#exchange?.head;
    const connection = mustClose ? 'close' : head?.minorVersion === 0 ? 'keep-alive' : undefined;
    this.write(answerBytes(answer, connection, head?.method !== 'HEAD', this.#context.date()));
  }

  exchangeDone(mustClose: boolean): void {
    this.#exchange = undefined;
    this.#isHeldBack = false;
    this.#isAwaiting = false;
    if (mustClose || !this.#reader.isBodyWhole) {
      this.#linger();
      return;
    }
    this.#phase = 'head';
    this.#closesAfter = false;
    const { limits, isClosing, now } = this.#context;
    this.deadlineAt = now() + (isClosing ? limits.drainIdleMs : limits.clientIdleMs);
    this.#pump();
  }

  breakOff(withReset: boolean): void {
    this.#exchange = undefined;
    this.#phase = 'closed';
    this.#reader.drop();
    this.#account();
    if (withReset) {
      // Node cannot reset a connection whose end is just going out, and would then neither close it nor say so.
      if (isEnding(this.#socket)) this.#socket.destroy();
      else this.#socket.resetAndDestroy();
    } else {
      // What the monolith did say still goes out; the end comes too early for any client to miss it.
      this.deadlineAt = this.#context.now() + LINGER_IDLE_MS;
      this.#socket.destroySoon();
    }
  }

  startTunnel(): void {
    this.#phase = 'tunnel';
    this.deadlineAt = NEVER;
    this.#isHeldBack = false;
    const early = this.#reader.takePending();
    if (early !== undefined) this.#tunnel(early);
    if (this.#hasEnded) this.#tunnelEndOf('client');
    this.#flow();
  }

  endTunnelWrites(): void {
    this.#socket.end();
    this.#tunnelEndOf('upstream');
  }

  #onData(chunk: Buffer): void {
    switch (this.#phase) {
      case 'head':
        this.#reader.push(chunk);
        this.#pump();
        break;
      case 'exchange':
        this.#onBody(chunk);
        break;
      case 'tunnel':
        this.#tunnel(chunk);
        this.#exchange?.requestSpent(chunk);
        break;
      case 'linger':
        this.#spent.add(chunk);
        this.#lingering?.heard();
    }
  }

  #onBody(chunk: Buffer): void {
    const exchange = this.#exchange;
    const isAlone = !this.#reader.hasPending;
    this.#reader.push(chunk);
    if (this.#reader.isBodyWhole) this.#flow();
    else this.#pump();
    // Else the rest of it is pending, or the next request's head stands on it.
    if (isAlone && !this.#reader.hasPending && this.#exchange === exchange) exchange?.requestSpent(chunk);
  }

  /** Works off what is pending: body for the exchange under way, or the next head. Never re-entered. */
  #pump(): void {
    if (this.#isReading) return;
    this.#isReading = true;
    while (this.#reader.hasPending) {
      if (this.#phase === 'exchange') {
        const exchange = this.#exchange;
        if (this.#reader.isBodyWhole || this.#isHeldBack || exchange?.takesBody !== true) break;
        this.#readBody(exchange);
      } else if (this.#phase === 'head') {
        // A client that does not read its answers does not get more of them.
        if (this.#socket.writableNeedDrain) break;
        this.#readHead();
      } else break;
    }
    this.#isReading = false;
    this.#flow();
    if (this.#hasEnded) this.#settleEnd();
  }

  /** Reads from the socket exactly while there is room for what comes. */
  #flow(): void {
    if (this.#phase === 'closed') return;
    this.#account();
    const isFull =
      this.#reader.pendingBytes >= PENDING_BYTES_MAX ||
      (this.#isHeldBack && (this.#reader.hasPending || this.#phase === 'tunnel'));
    if (isFull !== this.#socket.isPaused()) {
      if (isFull) this.#socket.pause();
      else this.#socket.resume();
    }
  }

  /** Brings what all connections keep up to date. */
  #account(): void {
    let held = 0;
    if (!this.#socket.destroyed) {
      held = this.#reader.heldBytes + (this.#exchange?.heldBytes ?? 0);
      if (this.#stalledAt !== NEVER) held += this.#socket.writableLength;
    }
    this.#held.set(held);
  }

  #giveWay(): void {
    if (this.#phase === 'head') this.#refuse('overloaded');
    else if (this.#phase === 'exchange') this.#exchange?.refuse(503);
    else this.#socket.destroy();
  }

  #readHead(): void {
    const head = this.#reader.readHead();
    if (typeof head === 'string') this.#refuse(head);
    else if (head !== undefined) this.#begin(head);
    else if (this.#reader.isInsideHead) {
      this.deadlineAt = Math.min(this.deadlineAt, this.#context.now() + this.#context.limits.headMs);
    }
  }

  #begin(head: RequestHead): void {
    this.#phase = 'exchange';
    this.deadlineAt = this.#context.now() + this.#context.limits.firstByteMs;
    this.#closesAfter = head.close || (head.minorVersion === 0 && !head.keepAlive);
    const exchange = new Exchange(head, this);
    this.#exchange = exchange;
    this.#context.handle(exchange);
  }

  #readBody(exchange: Exchange): void {
    this.#awaitBody();
    if (!this.#reader.readBody(exchange)) {
      exchange.refuse(400);
      return;
    }
    if (!this.#reader.isBodyWhole) return;
    this.deadlineAt = this.#isAwaiting ? this.#context.now() + this.#context.limits.firstByteMs : NEVER;
    exchange.requestEnd();
  }

  #awaitBody(): void {
    this.deadlineAt = this.#context.now() + this.#context.limits.bodyIdleMs;
  }

  #tunnel(bytes: Buffer): void {
    if (this.#exchange?.tunnelFromClient(bytes) !== false) return;
    this.#isHeldBack = true;
    this.#flow();
  }

  /** Refuses what is no request, or none in time. */
  #refuse(reason: RefusalReason): void {
    const status = REFUSAL_STATUS[reason];
    const sentBefore = this.sentBytes;
    this.write(answerBytes(gatewayAnswer(status, undefined), 'close', true, this.#context.date()));
    this.#context.refused({
      reason,
      status,
      address: this.peer.address,
      sentBytes: this.sentBytes - sentBefore,
    });
    this.#linger();
  }

  #linger(): void {
    const { limits, now } = this.#context;
    this.#phase = 'linger';
    this.#reader.drop();
    this.#account();
    this.deadlineAt = now() + limits.stallMs;
    if (this.#hasEnded) {
      this.#socket.destroySoon();
      return;
    }
    this.#lingering = new Linger(this.#socket, limits.lingerMs, now, (atMs) => {
      this.deadlineAt = atMs;
    });
  }

  #onDrain(): void {
    this.#stalledAt = NEVER;
    this.#spent.written();
    this.#account();
    if (this.#exchange !== undefined) this.#exchange.clientDrained();
    else this.#pump();
  }

  #onEnd(): void {
    this.#hasEnded = true;
    if (this.#phase === 'tunnel') this.#tunnelEndOf('client');
    else if (this.#phase === 'linger') this.#socket.destroySoon();
    else this.#settleEnd();
  }

  /** The client has sent its last byte: is something of it still to be answered? */
  #settleEnd(): void {
    if (this.#phase === 'exchange') {
      if (this.#reader.hasPending) return;
      if (this.#reader.isBodyWhole) this.#exchange?.clientEnded();
      else this.#socket.destroy();
    } else if (this.#phase === 'head' && !this.#reader.hasPending) this.#socket.destroySoon();
  }

  #tunnelEndOf(side: 'client' | 'upstream'): void {
    if (side === 'client') this.#exchange?.clientEnded();
    if (++this.#tunnelEnds < 2) return;
    this.#exchange?.tunnelDone();
    this.#exchange = undefined;
    this.deadlineAt = this.#context.now() + this.#context.limits.stallMs;
    this.#socket.destroySoon();
  }

  #onClose(): void {
    const exchange = this.#exchange;
    this.#exchange = undefined;
    this.#phase = 'closed';
    this.deadlineAt = NEVER;
    this.#reader.drop();
    exchange?.clientGone();
    this.#account();
  }
}

/** All that was written is with the system, and the end is about to be. */
function isEnding({ writableEnded, writableFinished, writableLength }: Socket): boolean {
  return writableEnded && !writableFinished && writableLength === 0;
}

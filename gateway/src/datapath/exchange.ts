import type { RequestHead } from '../wire/request-head.ts';
import type { ResponseHead } from '../wire/response-head.ts';
import { type Answer, type AnswerStatus, gatewayAnswer } from './gateway-answer.ts';
import type { HeadEdits } from './head-edits.ts';
import { type Peer, writeRequestHead } from './request-bytes.ts';
import { writeResponseHead } from './response-bytes.ts';
import type { Applicant, Upstream } from './upstream.ts';
import type { Loss, UpstreamConnection } from './upstream-connection.ts';

/*
 * INVARIANTS of the data path. Who changes it, keeps them.
 *
 *  1. A client socket belongs to its ClientConnection, an upstream socket to its UpstreamConnection. Nobody
 *     else writes to, pauses or destroys it. An Exchange owns neither; it is the one place where both meet.
 *  2. A client connection has at most one exchange, an exchange at most one upstream connection, an upstream
 *     connection at most one exchange. The next request of a client is not looked at before the exchange of
 *     the one before is over; what comes early waits, bounded, or the socket is paused.
 *  3. Every byte from a client is either in a head that passed the strict parser, in the body framed by that
 *     head, in a tunnel that the monolith agreed to (101), or refused. The same holds, mirrored, for bytes
 *     from the monolith: a byte that no exchange waits for ends the connection it came on.
 *  4. An upstream connection is reused only when request and response are both complete by their framing,
 *     nothing came behind the response, no write failed, neither side closed and both are persistent.
 *  5. A request is sent a second time only if it is safe and bodiless, went out on a reused connection, and
 *     that connection ended before any byte of an answer. One that may not be repeated uses a connection that
 *     is fresh or was idle for less than `reuseIdleMs`.
 *  6. At each close:
 *     client resets or closes in mid-request → the upstream connection is destroyed at once;
 *     client half-closes behind a whole request → the upstream connection is half-closed, so the monolith
 *       sees what it would see without us, and decides;
 *     upstream ends before the answer's head → repeat (5), or 502;
 *     upstream ends inside an answer → the client's connection is broken off, never ended cleanly;
 *       an answer that is framed by its end is whole at a clean end, and reset at a reset;
 *     upstream ends behind the answer, the upload unfinished → the client's connection is closed, lingering,
 *       so that the answer is not lost to a reset.
 *  7. Every wait has a deadline, the client connection's `deadlineAt`, or is a stream under way, watched for
 *     stalls. Every buffer has a bound; a full one pauses the socket that fills it.
 */

/** The client's side of an exchange: its ClientConnection. */
export type ClientSide = {
  readonly peer: Peer;
  readonly sentBytes: number;
  /** False: hold back until clientDrained. */
  write(bytes: Buffer): boolean;
  /** Groups writes into one. */
  writeTogether(writes: () => void): void;
  /** The exchange can take body now, or again. */
  takeBody(): void;
  /** The exchange can take no more body until takeBody. */
  holdBody(): void;
  /** What `wait` to bound: how long from now. */
  awaitAnswer(): void;
  answerBegan(): void;
  answer(answer: Answer, mustClose: boolean): void;
  /** Ends the exchange; the connection serves on, or closes once the client had its say. */
  exchangeDone(mustClose: boolean): void;
  /** Ends exchange and connection in a way that no client takes for a whole answer. */
  breakOff(withReset: boolean): void;
  startTunnel(): void;
  endTunnelWrites(): void;
  readonly closesAfterAnswer: boolean;
  readonly isHalfClosed: boolean;
};

/**
 * How an exchange ended; for whoever counts. `rejected`: by us, for its body. Of the monolith's failures,
 * `unreachable`, `late` and `lost` were answered with a 502 or 504, `broken` cut an answer short.
 */
export type Outcome =
  | 'answered'
  | 'tunnelled'
  | 'rejected'
  | 'client-gone'
  | 'unreachable'
  | 'late'
  | 'lost'
  | 'broken';

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

/** One request and its answer. The handler decides what becomes of it: `forward`, `answer` or `readBody`. */
export class Exchange implements Applicant {
  readonly head: RequestHead;
  /** Status sent to the client; 0 before. */
  status = 0;
  /** Of a failure: for the log alone, it may hold addresses. */
  cause: Error | undefined = undefined;
  /** Called once, when the exchange is over. */
  onEnd: ((outcome: Outcome) => void) | undefined = undefined;
  readonly isHead: boolean;
  readonly isOldClient: boolean;
  readonly wantsUpgrade: boolean;
  readonly isRepeatable: boolean;
  readonly #client: ClientSide;
  readonly #sentBefore: number;
  #upstream: Upstream | undefined = undefined;
  #connection: UpstreamConnection | undefined = undefined;
  #edits: HeadEdits | undefined = undefined;
  /** What to send, or to send again; dropped when an answer begins. */
  #headBytes: Buffer | undefined = undefined;
  #isRequestWhole: boolean;
  #isAnswerWhole = false;
  #mustClose = false;
  #isOver = false;
  #collector: BodyCollector | undefined = undefined;
  #gone: AbortController | undefined = undefined;

  constructor(head: RequestHead, client: ClientSide) {
    this.head = head;
    this.#client = client;
    this.#sentBefore = client.sentBytes;
    this.isHead = head.method === 'HEAD';
    this.isOldClient = head.minorVersion === 0;
    this.wantsUpgrade = head.upgrade !== undefined;
    this.#isRequestWhole = head.framing === 'none';
    this.isRepeatable = this.#isRequestWhole && !this.wantsUpgrade && SAFE.has(head.method);
  }

  /** Bytes sent to the client for this exchange, head included. */
  get sentBytes(): number {
    return this.#client.sentBytes - this.#sentBefore;
  }

  get peer(): Peer {
    return this.#client.peer;
  }

  /** Aborted when the client is gone; for handlers that wait for something. */
  get signal(): AbortSignal {
    if (this.#gone === undefined) {
      this.#gone = new AbortController();
      if (this.#isOver) this.#gone.abort();
    }
    return this.#gone.signal;
  }

  /** Sends the request upstream and the answer back. */
  forward(
    upstream: Upstream,
    edits?: { readonly request?: HeadEdits | undefined; readonly response?: HeadEdits | undefined },
  ): void {
    if (this.#isOver) return;
    this.#upstream = upstream;
    this.#edits = edits?.response;
    this.#headBytes = writeRequestHead(this.head, this.#client.peer, edits?.request);
    this.#client.awaitAnswer();
    upstream.request(this, this.wantsUpgrade);
  }

  /** Answers in the monolith's stead. */
  answer(answer: Answer): void {
    if (this.#isOver || this.status !== 0) return;
    this.#answerWith(answer, 'answered');
  }

  /** The whole body, decoded; `undefined` if it is longer than `bytesMax` or the client went away. */
  readBody(bytesMax: number): Promise<Buffer | undefined> {
    if (this.#isRequestWhole) return Promise.resolve(Buffer.alloc(0));
    return new Promise((resolve) => {
      this.#collector = { pieces: [], length: 0, bytesMax, resolve };
      if (this.head.expectsContinue) this.#client.write(CONTINUE);
      this.#client.takeBody();
    });
  }

  /** Whether body bytes can be taken now. */
  get takesBody(): boolean {
    return this.#connection !== undefined || this.#collector !== undefined;
  }

  /** Whether the body is wanted decoded, not as it is on the wire. */
  get decodesBody(): boolean {
    return this.#collector !== undefined;
  }

  // From the client connection

  requestBytes(bytes: Buffer): void {
    const collector = this.#collector;
    if (collector !== undefined) {
      collector.length += bytes.length;
      if (collector.length <= collector.bytesMax) collector.pieces.push(bytes);
      else this.#collected(undefined);
      return;
    }
    if (this.#connection?.write(bytes) === false) this.#client.holdBody();
  }

  requestEnd(): void {
    this.#isRequestWhole = true;
    if (this.#collector !== undefined) this.#collected(Buffer.concat(this.#collector.pieces));
    else if (this.#isAnswerWhole) this.#finish();
  }

  /** The client sends no more, but reads on. */
  clientEnded(): void {
    this.#connection?.end();
  }

  clientGone(outcome: Outcome = 'client-gone'): void {
    this.#release();
    this.#over(outcome);
  }

  clientDrained(): void {
    const socket = this.#connection?.socket;
    if (socket?.isPaused()) socket.resume();
  }

  tunnelFromClient(bytes: Buffer): boolean {
    return this.#connection?.write(bytes) ?? true;
  }

  /** No answer began in time. */
  answerLate(): void {
    this.#release();
    this.cause = new Error('no answer within the limit');
    if (this.status === 0) this.#fail(504, 'late');
    else this.#break(false);
  }

  /** The gateway refuses to go on with the request: its body is malformed or does not come. */
  refuse(status: AnswerStatus): void {
    this.#release();
    if (this.status === 0) this.#answerWith(gatewayAnswer(status, this.#accept()), 'rejected', true);
    else this.#break(false);
  }

  // From the upstream

  connected(connection: UpstreamConnection): void {
    const head = this.#headBytes;
    if (this.#isOver || head === undefined) {
      connection.destroy();
      return;
    }
    this.#connection = connection;
    if (this.#isRequestWhole) {
      connection.write(head);
      if (this.#client.isHalfClosed) connection.end();
      return;
    }
    const { socket } = connection;
    socket.cork();
    connection.write(head);
    this.#client.takeBody();
    // Body that is here already goes out in one piece with the head.
    process.nextTick(() => socket.uncork());
  }

  unreachable(cause: Error): void {
    this.cause = cause;
    this.#fail(502, 'unreachable');
  }

  interim(head: ResponseHead): void {
    const { bytes, start, end } = writeResponseHead(head, {
      connection: undefined,
      withoutChunks: false,
      edits: undefined,
    });
    this.#client.write(bytes.subarray(start, end));
  }

  responseHead(head: ResponseHead, bodyEnd: number): void {
    const client = this.#client;
    this.#headBytes = undefined;
    this.status = head.status;
    this.#mustClose =
      client.closesAfterAnswer ||
      head.framing === 'until-close' ||
      head.minorVersion === 0 ||
      (this.isOldClient && head.framing === 'chunked') ||
      (!this.#isRequestWhole && !head.isPersistent());
    const connection = this.#mustClose ? 'close' : this.isOldClient ? 'keep-alive' : undefined;
    const out = writeResponseHead(head, {
      connection,
      withoutChunks: this.isOldClient && head.framing === 'chunked',
      edits: this.#edits,
    });
    client.answerBegan();
    if (out.bytes === head.bytes) {
      this.#toClient(out.bytes.subarray(out.start, bodyEnd));
      return;
    }
    const body = head.bytes.subarray(head.end, bodyEnd);
    const headBytes = out.bytes.subarray(out.start, out.end);
    if (body.length === 0) this.#toClient(headBytes);
    else {
      client.writeTogether(() => {
        client.write(headBytes);
        this.#toClient(body);
      });
    }
  }

  responseBytes(bytes: Buffer): void {
    this.#toClient(bytes);
  }

  responseEnd(): void {
    this.#isAnswerWhole = true;
    if (this.#isRequestWhole) this.#finish();
    // An upload that nobody will read on: the client must learn of it, after it had the answer.
    else if (this.#mustClose) this.#finish();
  }

  upstreamDrained(): void {
    this.#client.takeBody();
  }

  upstreamLost(loss: Loss, cause: Error | undefined): void {
    this.cause = cause ?? new Error(LOSSES[loss]);
    const wasStale = this.#connection?.isReused === true && !this.#connection.hasAnswered;
    this.#release();
    if (this.#isAnswerWhole) this.#finish(true);
    else if (this.status === 101) {
      this.#over('tunnelled');
      this.#client.breakOff(loss === 'reset');
    } else if (this.#client.isHalfClosed) {
      // The monolith took the half-close for what it mostly is, a client that left. Without us it would be
      // seen to close, so it is.
      this.#over('client-gone');
      this.#client.breakOff(loss === 'reset');
    } else if (this.status !== 0) this.#break(loss === 'reset');
    else if (wasStale && this.isRepeatable && this.#upstream !== undefined) {
      // Fresh this time, and a fresh connection is not repeated on: once.
      this.cause = undefined;
      this.#upstream.request(this, true);
    } else this.#fail(502, 'lost');
  }

  switched(head: ResponseHead, rest: Buffer): void {
    const client = this.#client;
    this.#headBytes = undefined;
    this.status = 101;
    client.answerBegan();
    // Unchanged: the 101's Connection and Upgrade speak of the tunnel, which spans both hops.
    client.writeTogether(() => {
      client.write(head.bytes.subarray(head.start, head.end));
      if (rest.length > 0) this.#toClient(rest);
    });
    client.startTunnel();
  }

  tunnelBytes(bytes: Buffer): void {
    this.#toClient(bytes);
  }

  tunnelEnd(): void {
    this.#client.endTunnelWrites();
  }

  /** Both directions of a tunnel have ended, or the drain's limit is reached. */
  tunnelDone(): void {
    this.#connection?.destroySoon();
    this.#connection = undefined;
    this.#over('tunnelled');
  }

  #toClient(bytes: Buffer): void {
    if (!this.#client.write(bytes)) this.#connection?.socket.pause();
  }

  #accept(): string {
    return this.head.values('accept').join(',');
  }

  #fail(status: AnswerStatus, outcome: Outcome): void {
    if (this.#isOver) return;
    this.#answerWith(gatewayAnswer(status, this.#accept()), outcome);
  }

  #answerWith(answer: Answer, outcome: Outcome, mustClose = false): void {
    this.status = answer.status;
    const closes = mustClose || !this.#isRequestWhole || this.#client.closesAfterAnswer;
    this.#client.answer(answer, closes);
    this.#over(outcome);
    this.#client.exchangeDone(closes);
  }

  #finish(mustClose = this.#mustClose || this.#client.closesAfterAnswer): void {
    const connection = this.#connection;
    this.#connection = undefined;
    if (connection !== undefined) {
      // An old client's request said `Connection: close` upstream.
      const servesOn = this.#isRequestWhole && !this.#client.isHalfClosed && !this.isOldClient;
      if (servesOn) this.#upstream?.giveBack(connection);
      else connection.destroy();
    }
    this.#over('answered');
    this.#client.exchangeDone(mustClose);
  }

  #break(withReset: boolean): void {
    this.#release();
    this.#over('broken');
    this.#client.breakOff(withReset);
  }

  /** Lets go of the upstream, whatever it is doing. */
  #release(): void {
    const connection = this.#connection;
    this.#connection = undefined;
    if (connection !== undefined) connection.destroy();
    else this.#upstream?.withdraw(this);
  }

  #collected(body: Buffer | undefined): void {
    const collector = this.#collector;
    this.#collector = undefined;
    if (body === undefined) this.#client.holdBody();
    collector?.resolve(body);
  }

  #over(outcome: Outcome): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#gone?.abort();
    if (this.#collector !== undefined) this.#collected(undefined);
    this.onEnd?.(outcome);
  }
}

type BodyCollector = {
  readonly pieces: Buffer[];
  length: number;
  readonly bytesMax: number;
  readonly resolve: (body: Buffer | undefined) => void;
};

const LOSSES = {
  closed: 'the monolith closed the connection before its answer was whole',
  reset: 'the connection to the monolith was reset',
  malformed: 'what the monolith sent is no valid HTTP/1.1 answer',
} as const satisfies Record<Loss, string>;

const CONTINUE = Buffer.from('HTTP/1.1 100 Continue\r\n\r\n');

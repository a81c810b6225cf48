import type { RequestHead } from '../wire/request-head.ts';
import type { ResponseHead } from '../wire/response-head.ts';
import type { ClientSide } from './client-side.ts';
import type { HeadEdits } from './head-edits.ts';
import type { Party } from './party.ts';
import { writeRequestHead } from './request-bytes.ts';
import { writeResponseHead, writeSwitchingHead } from './response-bytes.ts';
import { type ResponseTap, TappedAnswer } from './response-tap.ts';
import type { Applicant, Upstream } from './upstream.ts';
import type { Loss, UpstreamConnection } from './upstream-connection.ts';

export type ForwardOptions = {
  /** Changes to the head that the upstream gets, beyond the path's own. */
  readonly request?: HeadEdits | undefined;
  readonly tap?: ResponseTap | undefined;
};

/** The exchange, as its relay sees it. */
export type RelayOwner = {
  readonly head: RequestHead;
  readonly isRequestWhole: boolean;
  readonly answerEdits: HeadEdits | undefined;
  /** Status sent to the client; 0 before. */
  status: number;
  cause: Error | undefined;
  /** The upstream gave no answer: the gateway answers for it. */
  answerForUpstream(failure: 'unreachable' | 'lost'): void;
  over(outcome: 'answered' | 'tunnelled' | 'client-gone' | 'broken'): void;
};

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

/** One request's way to an upstream, and its answer's way back. The invariants are those of exchange.ts. */
export class Relay implements Applicant, Party {
  readonly decodesBody = false;
  readonly isHead: boolean;
  readonly isOldClient: boolean;
  readonly wantsUpgrade: boolean;
  readonly isRepeatable: boolean;
  readonly #owner: RelayOwner;
  readonly #client: ClientSide;
  readonly #upstream: Upstream;
  readonly #tap: TappedAnswer | undefined;
  /** What to send, or to send again; dropped when an answer begins. */
  #headBytes: Buffer | undefined;
  #connection: UpstreamConnection | undefined = undefined;
  /** The answer failed to come on a fresh connection; a restarted monolith is to be asked again. */
  #isAskedAgain = false;
  #isAnswerWhole = false;
  #mustClose = false;
  #isOver = false;

  constructor(
    owner: RelayOwner,
    client: ClientSide,
    upstream: Upstream,
    options: ForwardOptions | undefined,
  ) {
    const { head } = owner;
    this.#owner = owner;
    this.#client = client;
    this.#upstream = upstream;
    this.#tap = options?.tap && new TappedAnswer(options.tap);
    this.isHead = head.method === 'HEAD';
    this.isOldClient = head.minorVersion === 0;
    this.wantsUpgrade = head.upgrade !== undefined;
    this.isRepeatable = head.framing === 'none' && !this.wantsUpgrade && SAFE.has(head.method);
    this.#headBytes = writeRequestHead(head, client.peer, options?.request);
  }

  start(): void {
    this.#upstream.request(this, this.wantsUpgrade ? 'fresh' : 'kept');
  }

  get takesBody(): boolean {
    return this.#connection !== undefined;
  }

  get waitingBytes(): number {
    return this.#connection?.socket.writableLength ?? 0;
  }

  write(bytes: Buffer): boolean {
    return this.#connection?.write(bytes) ?? true;
  }

  requestSpent(chunk: Buffer): void {
    this.#connection?.requestSpent(chunk);
  }

  requestEnded(): void {
    if (this.#isAnswerWhole) this.#finish(this.#mustClose);
  }

  clientEnded(): void {
    this.#connection?.end();
  }

  clientDrained(): void {
    const socket = this.#connection?.socket;
    if (socket?.isPaused()) socket.resume();
  }

  endTunnel(): void {
    this.#isOver = true;
    this.#tap?.end(false);
    this.#connection?.destroySoon();
    this.#connection = undefined;
  }

  /** Lets go of the upstream, whatever it is doing. */
  abandon(): void {
    this.#isOver = true;
    this.#release();
    this.#tap?.end(false);
  }

  // From the upstream

  connected(connection: UpstreamConnection): void {
    const head = this.#headBytes;
    if (this.#isOver || head === undefined) {
      connection.destroy();
      return;
    }
    this.#connection = connection;
    this.#owner.cause = undefined;
    if (this.#owner.isRequestWhole) {
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
    if (this.#isOver) return;
    this.#isOver = true;
    this.#tap?.end(false);
    this.#owner.cause ??= cause;
    this.#owner.answerForUpstream(this.#isAskedAgain ? 'lost' : 'unreachable');
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
    this.#tap?.head(head, this.isOldClient);
    this.#owner.status = head.status;
    this.#mustClose =
      client.closesAfterAnswer ||
      head.framing === 'until-close' ||
      head.minorVersion === 0 ||
      (this.isOldClient && head.framing === 'chunked') ||
      (!this.#owner.isRequestWhole && !head.isPersistent());
    const connection = this.#mustClose ? 'close' : this.isOldClient ? 'keep-alive' : undefined;
    const out = writeResponseHead(head, {
      connection,
      withoutChunks: this.isOldClient && head.framing === 'chunked',
      edits: this.#owner.answerEdits,
    });
    client.answerBegan();
    if (out.bytes === head.bytes) {
      this.#toClient(out.bytes.subarray(out.start, bodyEnd));
      this.#tap?.body(head.bytes.subarray(head.end, bodyEnd));
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
    this.#tap?.body(body);
  }

  responseBytes(bytes: Buffer): void {
    this.#toClient(bytes);
    this.#tap?.body(bytes);
  }

  responseSpent(chunk: Buffer): void {
    this.#client.responseSpent(chunk);
  }

  responseEnd(): void {
    this.#isAnswerWhole = true;
    this.#tap?.end(true);
    // Or an upload that nobody will read on: the client must learn of it, after it had the answer.
    if (this.#owner.isRequestWhole || this.#mustClose) this.#finish(this.#mustClose);
  }

  upstreamDrained(): void {
    this.#client.takeBody();
  }

  upstreamLost(loss: Loss, cause: Error | undefined): void {
    const owner = this.#owner;
    const client = this.#client;
    owner.cause = cause ?? new Error(LOSSES[loss]);
    const isUnanswered = this.#connection?.hasAnswered === false;
    const wasStale = this.#connection?.isReused === true;
    this.#release();
    if (this.#isAnswerWhole) {
      this.#finish(true);
      return;
    }
    if (isUnanswered && owner.status === 0 && this.isRepeatable && !client.isHalfClosed) {
      if (wasStale) {
        // Fresh this time, and that is not repeated on: once.
        owner.cause = undefined;
        this.#upstream.request(this, 'fresh');
        return;
      }
      if (!this.#isAskedAgain) {
        // Or is that a process on its way out, which never took the connection from its queue?
        this.#isAskedAgain = true;
        this.#upstream.request(this, 'restarted');
        return;
      }
    }
    this.#isOver = true;
    this.#tap?.end(false);
    if (owner.status === 101) owner.over('tunnelled');
    // The monolith took the half-close for what it mostly is, a client that left. Without us it would be seen
    // to close, so it is.
    else if (client.isHalfClosed) owner.over('client-gone');
    else if (owner.status !== 0) owner.over('broken');
    else {
      owner.answerForUpstream('lost');
      return;
    }
    client.breakOff(loss === 'reset');
  }

  switched(head: ResponseHead, rest: Buffer): void {
    const client = this.#client;
    this.#headBytes = undefined;
    this.#owner.status = 101;
    client.answerBegan();
    const headBytes = writeSwitchingHead(head, this.#owner.answerEdits);
    client.writeTogether(() => {
      client.write(headBytes);
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

  #toClient(bytes: Buffer): void {
    if (!this.#client.write(bytes)) this.#connection?.socket.pause();
  }

  #finish(mustClose: boolean): void {
    const connection = this.#connection;
    this.#connection = undefined;
    this.#isOver = true;
    if (connection !== undefined) {
      // An old client's request said `Connection: close` upstream.
      const servesOn = this.#owner.isRequestWhole && !this.#client.isHalfClosed && !this.isOldClient;
      if (servesOn) this.#upstream.giveBack(connection);
      else connection.destroy();
    }
    this.#owner.over('answered');
    this.#client.exchangeDone(mustClose);
  }

  #release(): void {
    const connection = this.#connection;
    this.#connection = undefined;
    if (connection !== undefined) connection.destroy();
    else this.#upstream.withdraw(this);
  }
}

const LOSSES = {
  closed: 'the monolith closed the connection before its answer was whole',
  reset: 'the connection to the monolith was reset',
  malformed: 'what the monolith sent is no valid HTTP/1.1 answer',
} as const satisfies Record<Loss, string>;

import type { RequestHead } from '../wire/request-head.ts';
import type { ClientSide } from './client-side.ts';
import { editRequestHead } from './edited-head.ts';
import { type Answer, type AnswerStatus, gatewayAnswer } from './gateway-answer.ts';
import type { HeadEdits } from './head-edits.ts';
import { LocalAnswer, type LocalAnswerOptions } from './local-answer.ts';
import type { Party } from './party.ts';
import { type ForwardOptions, Relay, type RelayOwner } from './relay.ts';
import type { Peer } from './request-bytes.ts';
import type { Upstream } from './upstream.ts';
import { Waiting } from './waiting.ts';

/*
 * INVARIANTS of the data path. Who changes it, keeps them.
 *
 *  1. A client socket belongs to its ClientConnection, an upstream socket to its UpstreamConnection. Nobody
 *     else writes to, pauses or destroys it. An Exchange owns neither: its Relay is the one place where both meet. Where
 *     the gateway answers by itself there is a LocalAnswer in the Relay's place, and no upstream.
 *  2. A client connection has at most one exchange, an exchange at most one upstream connection, an upstream
 *     connection at most one exchange. The next request of a client is not looked at before the exchange of
 *     the one before is over; what comes early waits, bounded, or the socket is paused.
 *  3. Every byte from a client is either in a head that passed the strict parser, in the body framed by that
 *     head, in a tunnel that the monolith agreed to (101), or refused. The same holds, mirrored, for bytes
 *     from the monolith: a byte that no exchange waits for ends the connection it came on.
 *  4. An upstream connection is reused only when request and response are both complete by their framing,
 *     nothing came behind the response, no write failed, neither side closed and both are persistent.
 *  5. A request is sent a second time only if it is safe and bodiless, went out on a reused connection, and
 *     that connection ended before any byte of an answer; and once more if it ended so on a fresh connection and
 *     the monolith has refused connections since. One that may not be repeated uses a connection that is fresh
 *     or was idle for less than `reuseIdleMs`.
 *  6. At each close:
 *     client resets or closes in mid-request → the upstream connection is destroyed at once;
 *     client half-closes behind a whole request → the upstream connection is half-closed, so the monolith
 *       sees what it would see without us, and decides;
 *     upstream ends before the answer's head → repeat (5), or 502;
 *     upstream ends inside an answer → the client's connection is broken off, never ended cleanly;
 *       an answer that is framed by its end is whole at a clean end, and reset at a reset;
 *     upstream ends behind the answer, the upload unfinished → the client's connection is closed, lingering,
 *       so that the answer is not lost to a reset.
 *  7. A buffer that a socket read into is freed early only where it was handed on whole, its bytes are in no head
 *     and in nothing that waits, and the socket that they went to has nothing left to write (spent-buffers.ts).
 *  8. A request goes from one party to the next only while nothing of an answer was sent and nothing of its body taken
 *     (`wait`, LocalAnswer's `handOver`): the monolith then gets it as if nobody had had it before.
 *  9. A tap hears of an answer after the client was given it, and cannot hold it up, fail it or see it twice.
 * 10. Every wait has a deadline, the client connection's `deadlineAt`, or is a stream under way, watched for
 *     stalls. Every buffer has a bound; a full one pauses the socket that fills it.
 */

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

/**
 * One request and its answer. The handler decides what becomes of it: `forward`, `answerHere` or `answer`. One that
 * was to be answered here may be forwarded yet, once its LocalAnswer has handed it over.
 */
export class Exchange implements RelayOwner {
  /** As it came, but for `editHead`. */
  head: RequestHead;
  /** What the final answer says beyond its maker's own, whoever that is. */
  answerEdits: HeadEdits | undefined = undefined;
  /** Status sent to the client; 0 before. */
  status = 0;
  /** Of a failure: for the log alone, it may hold addresses. */
  cause: Error | undefined = undefined;
  /** Called once, when the exchange is over. */
  onEnd: ((outcome: Outcome) => void) | undefined = undefined;
  isRequestWhole: boolean;
  readonly #client: ClientSide;
  readonly #sentBefore: number;
  #party: Party | undefined = undefined;
  #isOver = false;

  constructor(head: RequestHead, client: ClientSide) {
    this.head = head;
    this.#client = client;
    this.#sentBefore = client.sentBytes;
    this.isRequestWhole = head.framing === 'none';
  }

  /** Bytes sent to the client for this exchange, head included. */
  get sentBytes(): number {
    return this.#client.sentBytes - this.#sentBefore;
  }

  get peer(): Peer {
    return this.#client.peer;
  }

  /** Changes the request for everybody who is yet to see it. */
  editHead(edits: HeadEdits): void {
    this.head = editRequestHead(this.head, edits);
  }

  /** It is to be decided what becomes of the request. `onGone`: the client left before. */
  wait(onGone: () => void): void {
    if (!this.#isOver) this.#party = new Waiting(onGone);
  }

  /** Sends the request upstream and the answer back. */
  forward(upstream: Upstream, options?: ForwardOptions): void {
    if (this.#isOver) return;
    const relay = new Relay(this, this.#client, upstream, options);
    this.#party = relay;
    this.#client.awaitAnswer();
    relay.start();
  }

  /** Makes the answer here: what is given reads the body and sends it. Nothing, if the client is gone already. */
  answerHere(options: LocalAnswerOptions): LocalAnswer | undefined {
    if (this.#isOver) return undefined;
    const hasLeft = this.#party instanceof Waiting && this.#party.hasClientEnded;
    const answer = new LocalAnswer(this, this.#client, options);
    this.#party = answer;
    this.#client.awaitAnswer();
    if (hasLeft) answer.clientEnded();
    return hasLeft ? undefined : answer;
  }

  /** Answers in the monolith's stead. */
  answer(answer: Answer): void {
    if (this.#isOver || this.status !== 0) return;
    // A handler may have forwarded before it failed: the upstream's answer must not follow this one.
    this.#party?.abandon();
    this.#answerWith(answer, 'answered');
  }

  /** Whether body bytes can be taken now. */
  get takesBody(): boolean {
    return this.#party?.takesBody === true;
  }

  /** What is kept of the request: its head, and body that nobody has taken yet. */
  get heldBytes(): number {
    return this.head.bytes.length + (this.#party?.waitingBytes ?? 0);
  }

  /** Whether the body is wanted decoded, not as it is on the wire. */
  get decodesBody(): boolean {
    return this.#party?.decodesBody === true;
  }

  // From the client connection

  requestBytes(bytes: Buffer): void {
    if (this.#party?.write(bytes) === false) this.#client.holdBody();
  }

  requestSpent(chunk: Buffer): void {
    this.#party?.requestSpent(chunk);
  }

  requestEnd(): void {
    this.isRequestWhole = true;
    this.#party?.requestEnded();
  }

  /** The client sends no more, but reads on. */
  clientEnded(): void {
    this.#party?.clientEnded();
  }

  clientGone(): void {
    this.#party?.abandon();
    this.over('client-gone');
  }

  clientDrained(): void {
    this.#party?.clientDrained();
  }

  tunnelFromClient(bytes: Buffer): boolean {
    return this.#party?.write(bytes) ?? true;
  }

  /** Both directions of a tunnel have ended. */
  tunnelDone(): void {
    this.#party?.endTunnel();
    this.over('tunnelled');
  }

  /** No answer began in time. */
  answerLate(): void {
    this.#party?.abandon();
    this.cause = new Error('no answer within the limit');
    if (this.status === 0) this.#answerWith(gatewayAnswer(504, this.#accept()), 'late');
    else this.#break();
  }

  /** The gateway refuses to go on with the request: its body is malformed or does not come. */
  refuse(status: AnswerStatus): void {
    this.#party?.abandon();
    if (this.status === 0) this.#answerWith(gatewayAnswer(status, this.#accept()), 'rejected', true);
    else this.#break();
  }

  // From the relay

  answerForUpstream(failure: 'unreachable' | 'lost'): void {
    if (!this.#isOver) this.#answerWith(gatewayAnswer(502, this.#accept()), failure);
  }

  over(outcome: Outcome): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.onEnd?.(outcome);
  }

  #accept(): string {
    return this.head.values('accept').join(',');
  }

  #answerWith(answer: Answer, outcome: Outcome, mustClose = false): void {
    this.status = answer.status;
    const { append = [] } = this.answerEdits ?? {};
    const closes = mustClose || !this.isRequestWhole || this.#client.closesAfterAnswer;
    this.#client.answer({ ...answer, fields: [...answer.fields, ...append] }, closes);
    this.over(outcome);
    this.#client.exchangeDone(closes);
  }

  #break(): void {
    this.over('broken');
    this.#client.breakOff(false);
  }
}

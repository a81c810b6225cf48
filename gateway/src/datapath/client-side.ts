import type { Answer } from './gateway-answer.ts';
import type { Peer } from './request-bytes.ts';

/** The client's side of an exchange: its ClientConnection. */
export type ClientSide = {
  readonly peer: Peer;
  readonly sentBytes: number;
  /** False: hold back until clientDrained. */
  write(bytes: Buffer): boolean;
  /** A read of the upstream's socket, all of it written to the client or of no more use. */
  responseSpent(chunk: Buffer): void;
  /** Groups writes into one. */
  writeTogether(writes: () => void): void;
  /** The exchange can take body now, or again. */
  takeBody(): void;
  /** The exchange can take no more body until takeBody. */
  holdBody(): void;
  /** The wait for an answer begins, and has its limit. */
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

/** Who deals with a client's request: the relay to an upstream, or an answer made here. Told by the exchange. */
export type Party = {
  /** Whether body bytes can be taken now. */
  readonly takesBody: boolean;
  /** Whether they are wanted decoded, not as they are on the wire. */
  readonly decodesBody: boolean;
  /** Bytes of the body that it keeps. */
  readonly waitingBytes: number;
  /** Bytes of the body, or of a tunnel. False: hold back until takeBody, or in a tunnel until the upstream drained. */
  write(bytes: Buffer): boolean;
  /** A read of the client's socket, all of it given to `write`. Whoever keeps nothing of it may free it. */
  requestSpent(chunk: Buffer): void;
  requestEnded(): void;
  /** The client sends no more, but may read on. */
  clientEnded(): void;
  clientDrained(): void;
  /** Both directions of a tunnel have ended. */
  endTunnel(): void;
  /** The exchange goes on without it, or is over. */
  abandon(): void;
};

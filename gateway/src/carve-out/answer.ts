/** A field line: name in the case that the client is to see, and value, Latin-1. */
export type HeaderLine = readonly [name: string, value: string];

/**
 * What the client gets, to the byte: status line, these header lines in this order, then the gateway's own.
 *
 * The gateway adds the session's renewal, `Date` where none is given, and, where there is no Content-Length, what
 * frames the body as Node's server would: for bytes their Content-Length, for an iterable `Transfer-Encoding:
 * chunked`, nothing for HEAD, 204 and 304. `Connection` and `Transfer-Encoding` must not be among the lines.
 */
export type Answer = {
  readonly status: number;
  readonly headers: readonly HeaderLine[];
  /**
   * An iterable is read as fast as the client takes it, and returned (`iterator.return`) when the client leaves or
   * asked with HEAD. If it throws, the client's connection is broken off, so that nobody takes the part for whole.
   */
  readonly body: Buffer | null | AsyncIterable<Uint8Array>;
  /** Asked once, behind the last byte of an iterable body; sent where the answer is chunked. */
  readonly trailers?: () => readonly HeaderLine[];
};

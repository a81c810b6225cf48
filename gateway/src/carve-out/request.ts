/** The fields of a request's head, read as Node's own server would hand them to the monolith. */
export type RequestHeaders = {
  /**
   * One value: of a field that may come once the first, else all, joined by `, ` (`; ` for Cookie). Latin-1, as on
   * the wire. `name` is in lower case.
   */
  get(name: string): string | undefined;
  /** Every line's value, in order. `name` is in lower case. */
  values(name: string): readonly string[];
};

/**
 * A request's body, transfer coding undone, Content-Encoding not.
 * `too-large`: more than the bound; it was read off, so that the client gets to see the answer.
 * `cut-off`: the client left or sent no valid framing: nobody is there to read an answer.
 */
export type RequestBody =
  | { readonly kind: 'bytes'; readonly bytes: Buffer }
  | { readonly kind: 'refused'; readonly reason: 'too-large' | 'cut-off' };

/** A request for one operation, as its translation sees it. */
export type TranslationRequest<Param extends string = string, Query extends string = string> = {
  /** As sent: HEAD for a HEAD of a GET operation. Its answer is that to GET; the gateway leaves the body out. */
  readonly method: string;
  /** The raw target, path and query, as it came. */
  readonly target: string;
  /** The path's parameters, percent-decoded. What cannot be decoded never gets here: the monolith refuses it. */
  readonly params: { readonly [Name in Param]: string };
  /** What stands behind the target's `?`, raw; `''` where there is none. */
  readonly query: string;
  /** A query parameter, decoded as `node:querystring` does; of several the last. */
  lastOf(name: Query): string | undefined;
  readonly headers: RequestHeaders;
  /** Reads the body, of at most 1 MiB or the operation's `bodyBytesMax`. Nothing is read until it is called; called again, it gives the same. */
  body(): Promise<RequestBody>;
};

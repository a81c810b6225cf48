/** One request and its raw answer. */
export type Exchange = {
  readonly request: {
    readonly method: string;
    readonly target: string;
    /** The value of the session cookie that was sent, if one was. */
    readonly sessionCookie: string | undefined;
  };
  readonly status: number;
  /** As they came: name, value, in their order and case. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly trailers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
};

export function headerOf(exchange: Pick<Exchange, 'headers'>, name: string): string | undefined {
  return exchange.headers.find(([each]) => each.toLowerCase() === name.toLowerCase())?.[1];
}

export function trailerOf(exchange: Pick<Exchange, 'trailers'>, name: string): string | undefined {
  return headerOf({ headers: exchange.trailers }, name);
}

/** `name=value` of the session cookie that an answer sets. */
export function setSession(exchange: Pick<Exchange, 'headers'>): string | undefined {
  return headerOf(exchange, 'Set-Cookie')?.split(';')[0];
}

export function describeExchange({ request, status, body }: Exchange): string {
  return `${request.method} ${request.target} → ${status} ${body.toString('utf8').slice(0, 600)}`;
}

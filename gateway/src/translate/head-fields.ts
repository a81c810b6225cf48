import type { RequestHeaders } from '../carve-out/request.ts';
import type { RequestHead } from '../wire/request-head.ts';

/** Fields of which Node's server keeps the first line alone (`http.IncomingMessage.headers`). */
const SINGLE = new Set([
  'age',
  'authorization',
  'content-length',
  'content-type',
  'etag',
  'expires',
  'from',
  'host',
  'if-modified-since',
  'if-unmodified-since',
  'last-modified',
  'location',
  'max-forwards',
  'proxy-authorization',
  'referer',
  'retry-after',
  'server',
  'user-agent',
]);

/** A head's fields, as Node's own server would show them to the monolith. */
export class HeadFields implements RequestHeaders {
  readonly #head: RequestHead;

  constructor(head: RequestHead) {
    this.#head = head;
  }

  get(name: string): string | undefined {
    const values = this.#head.values(name);
    if (values.length < 2 || SINGLE.has(name)) return values[0];
    return values.join(name === 'cookie' ? '; ' : ', ');
  }

  values(name: string): readonly string[] {
    return this.#head.values(name);
  }
}

import { CR, equalsIgnoringCase, IS_HOST, IS_TARGET, IS_TOKEN, LF, SP } from './bytes.ts';
import { findHeadEnd, INCOMPLETE, MALFORMED, scanFields, TOO_MANY_FIELDS } from './fields.ts';
import { isForwarding } from './hop-by-hop.ts';
import { parseContentLength } from './lists.ts';
import { MessageHead, NO_OFFSETS } from './message-head.ts';

/** Why a request head is refused. The status each is answered with is in REQUEST_FAULT_STATUS. */
export const REQUEST_FAULTS = [
  'malformed',
  'bad-target',
  'bad-host',
  'bad-length',
  'ambiguous-length',
  'unknown-transfer-coding',
  'unsupported-version',
  'connect-refused',
  'head-too-large',
] as const;
export type RequestFault = (typeof REQUEST_FAULTS)[number];

export const REQUEST_FAULT_STATUS = {
  malformed: 400,
  'bad-target': 400,
  'bad-host': 400,
  'bad-length': 400,
  'ambiguous-length': 400,
  'unknown-transfer-coding': 501,
  'unsupported-version': 505,
  'connect-refused': 501,
  'head-too-large': 431,
} as const satisfies Record<RequestFault, number>;

/** A request's head. See MessageHead. */
export class RequestHead extends MessageHead {
  method = '';
  /** Origin-form or `*`, byte for byte (Latin-1); absolute-form has become origin-form. */
  target = '';
  /** The authority of an absolute-form target; it then replaces Host (RFC 9112 §3.2.2). */
  authority: string | undefined = undefined;
  expectsContinue = false;
  hostStart = -1;
  hostEnd = -1;
  hostLineStart = -1;
  hostLineEnd = -1;
  hasCookie = false;
  /** Whether there is a line of X-Banyan-Override. */
  hasOverride = false;
  /** Pairs of offsets: lines of forwarding fields (X-Forwarded-For, …), in order. */
  forwarding: number[] = NO_OFFSETS;
  fault: RequestFault | undefined = undefined;
  #codings = 0;

  /** Values of the field `name` (lower case), in order. */
  values(name: string): string[] {
    const { bytes } = this;
    const values: string[] = [];
    scanFields(bytes, this.fieldsStart, this.end, {
      field: (nameStart, nameEnd, valueStart, valueEnd) => {
        if (equalsIgnoringCase(bytes, nameStart, nameEnd, name)) {
          values.push(bytes.toString('latin1', valueStart, valueEnd));
        }
      },
    });
    return values;
  }

  /** Value of the Host that the request is for. */
  host(): string {
    if (this.authority !== undefined) return this.authority;
    return this.hostStart < 0 ? '' : this.bytes.toString('latin1', this.hostStart, this.hostEnd);
  }

  field(nameStart: number, nameEnd: number, valueStart: number, valueEnd: number, lineEnd: number): void {
    const { bytes } = this;
    const length = nameEnd - nameStart;
    // Most names are told apart from the few that matter by length and first letter alone.
    switch (length) {
      case 4:
        if (equalsIgnoringCase(bytes, nameStart, nameEnd, 'host')) {
          this.#host(nameStart, valueStart, valueEnd, lineEnd);
        }
        return;
      case 6:
        if (
          equalsIgnoringCase(bytes, nameStart, nameEnd, 'expect') &&
          equalsIgnoringCase(bytes, valueStart, valueEnd, '100-continue')
        ) {
          this.expectsContinue = true;
        } else if (equalsIgnoringCase(bytes, nameStart, nameEnd, 'cookie')) this.hasCookie = true;
        return;
      case 14:
        if (equalsIgnoringCase(bytes, nameStart, nameEnd, 'content-length')) {
          const contentLength = parseContentLength(bytes, valueStart, valueEnd);
          if (contentLength < 0) this.fault ??= 'bad-length';
          if (++this.lengthLines > 1) this.fault ??= 'ambiguous-length';
          this.contentLength = contentLength;
          return;
        }
        break;
      case 17:
        if (equalsIgnoringCase(bytes, nameStart, nameEnd, 'transfer-encoding')) {
          if (++this.#codings > 1) this.fault ??= 'ambiguous-length';
          // White space behind it is lawful, but Node's parser then no longer knows the coding.
          const isPlain = valueEnd + 2 === lineEnd;
          if (isPlain && equalsIgnoringCase(bytes, valueStart, valueEnd, 'chunked')) this.chunked = true;
          else this.fault ??= oddCodingFault(bytes, valueStart, valueEnd);
          return;
        }
        if (equalsIgnoringCase(bytes, nameStart, nameEnd, 'x-banyan-override')) this.hasOverride = true;
        break;
    }
    if (this.takeHopByHop(nameStart, nameEnd, valueStart, valueEnd, lineEnd)) return;
    if (length >= 9 && length <= 18 && isForwarding(bytes, nameStart, nameEnd)) {
      if (this.forwarding === NO_OFFSETS) this.forwarding = [];
      this.forwarding.push(nameStart, lineEnd);
    }
  }

  #host(lineStart: number, valueStart: number, valueEnd: number, lineEnd: number): void {
    if (this.hostStart !== -1) this.fault ??= 'bad-host';
    for (let at = valueStart; at < valueEnd; at++) {
      if (IS_HOST[this.bytes[at] as number] !== 1) this.fault ??= 'bad-host';
    }
    this.hostLineStart = lineStart;
    this.hostLineEnd = lineEnd;
    this.hostStart = valueStart;
    this.hostEnd = valueEnd;
  }

  /** Rules that need the whole head. */
  settle(): void {
    if (this.fault !== undefined) return;
    if (this.chunked) {
      // RFC 9112 §6.3 lets Transfer-Encoding win; every request smuggler hopes for it.
      if (this.lengthLines > 0 || this.minorVersion === 0) this.fault = 'ambiguous-length';
      this.framing = 'chunked';
    } else if (this.contentLength >= 0) this.framing = this.contentLength > 0 ? 'length' : 'none';
    if (this.hostStart === -1 && this.minorVersion === 1) this.fault ??= 'bad-host';
    if (this.connectionHasUpgrade && this.framing === 'none' && this.minorVersion === 1) {
      this.upgrade = tunnelledProtocols(this.upgradeList);
    }
  }
}

/**
 * What of an Upgrade offer may be passed on. HTTP/2 and TLS are not: behind them a client could speak to the
 * monolith past every rule of this gateway ("h2c smuggling"). Ignoring an offer is always lawful
 * (RFC 9110 §7.8), and the request is then answered as if it had not been made.
 */
function tunnelledProtocols(offer: string): string | undefined {
  const protocols = offer
    .split(',')
    .map((protocol) => protocol.trim())
    .filter((protocol) => protocol !== '' && !/^(h2c?|http|tls)(\/|$)/i.test(protocol));
  return protocols.length > 0 ? protocols.join(', ') : undefined;
}

/** Codings other than chunked exist and are unsupported; anything else is nonsense. */
function oddCodingFault(bytes: Buffer, start: number, end: number): RequestFault {
  const codings = bytes.toString('latin1', start, end).split(',');
  const known = /^(gzip|deflate|compress|x-gzip|x-compress|br|zstd)$/;
  const last = codings.pop()?.trim().toLowerCase();
  const lawful =
    last === 'chunked' &&
    codings.length > 0 &&
    codings.every((coding) => known.test(coding.trim().toLowerCase()));
  return lawful ? 'unknown-transfer-coding' : 'ambiguous-length';
}

/** Longest method. The longest registered one has 17 letters. */
const METHOD_LENGTH_MAX = 64;

/**
 * Reads a request head at `from`. Returns it (look at `fault` first), or INCOMPLETE.
 * Empty lines before it must have been skipped.
 */
export function parseRequestHead(bytes: Buffer, from: number, to: number): RequestHead | typeof INCOMPLETE {
  const head = new RequestHead(bytes, from);
  let at = from;
  while (at < to && IS_TOKEN[bytes[at] as number] === 1) at++;
  if (at - from > METHOD_LENGTH_MAX) return refused(head, 'malformed');
  if (at >= to) return INCOMPLETE;
  if (bytes[at] !== SP || at === from) return refused(head, 'malformed');
  head.method = bytes.toString('latin1', from, at);
  const targetStart = ++at;
  while (at < to && IS_TARGET[bytes[at] as number] === 1) at++;
  if (at >= to) return INCOMPLETE;
  if (bytes[at] !== SP || at === targetStart) return refused(head, 'malformed');
  const targetEnd = at;
  // " HTTP/1.1\r\n"
  if (to - at < 11)
    return findHeadEnd(bytes, from, to, at) === MALFORMED ? refused(head, 'malformed') : INCOMPLETE;
  const version = bytes.toString('latin1', at + 1, at + 9);
  if (bytes[at + 9] !== CR || bytes[at + 10] !== LF) return refused(head, 'malformed');
  if (version === 'HTTP/1.0') head.minorVersion = 0;
  else if (version !== 'HTTP/1.1') {
    return refused(head, /^HTTP\/\d\.\d$/.test(version) ? 'unsupported-version' : 'malformed');
  }
  head.fieldsStart = at + 11;
  head.target = bytes.toString('latin1', targetStart, targetEnd);
  if (bytes[targetStart] !== 0x2f) readOddTarget(head);
  const end = scanFields(bytes, head.fieldsStart, to, head);
  if (end === MALFORMED) return refused(head, 'malformed');
  if (end === TOO_MANY_FIELDS) return refused(head, 'head-too-large');
  if (end < 0) return INCOMPLETE;
  head.end = end;
  head.settle();
  return head;
}

function refused(head: RequestHead, fault: RequestFault): RequestHead {
  head.fault = fault;
  return head;
}

/** `*`, absolute-form and authority-form (RFC 9112 §3.2). */
function readOddTarget(head: RequestHead): void {
  if (head.method === 'CONNECT') {
    head.fault = 'connect-refused';
    return;
  }
  if (head.target === '*' && head.method === 'OPTIONS') return;
  const absolute = /^https?:\/\/([^/?#]*)([/?].*)?$/is.exec(head.target);
  const authority = absolute?.[1] ?? '';
  if (absolute === null || !/^[A-Za-z0-9\-._~%!$&'()*+,;=:[\]]+$/.test(authority)) {
    head.fault = 'bad-target';
    return;
  }
  const rest = absolute[2] ?? '';
  head.authority = authority;
  if (rest.startsWith('/')) head.target = rest;
  else head.target = rest === '' && head.method === 'OPTIONS' ? '*' : `/${rest}`;
}

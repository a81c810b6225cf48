import { CR, equalsIgnoringCase, IS_TEXT, LF, SP } from './bytes.ts';
import { INCOMPLETE, scanFields } from './fields.ts';
import { parseContentLength } from './lists.ts';
import { MessageHead, NO_OFFSETS } from './message-head.ts';

/** A response's head. See MessageHead. */
export class ResponseHead extends MessageHead {
  status = 0;
  /** Pairs of offsets: Transfer-Encoding lines. */
  codings: number[] = NO_OFFSETS;
  /** The monolith sent what no client must see. */
  malformed = false;

  field(nameStart: number, nameEnd: number, valueStart: number, valueEnd: number, lineEnd: number): void {
    const { bytes } = this;
    const length = nameEnd - nameStart;
    if (length === 14 && equalsIgnoringCase(bytes, nameStart, nameEnd, 'content-length')) {
      this.contentLength = parseContentLength(bytes, valueStart, valueEnd);
      if (++this.lengthLines > 1 || this.contentLength < 0) this.malformed = true;
    } else if (length === 17 && equalsIgnoringCase(bytes, nameStart, nameEnd, 'transfer-encoding')) {
      const isPlain = valueEnd + 2 === lineEnd && equalsIgnoringCase(bytes, valueStart, valueEnd, 'chunked');
      if (this.chunked || !isPlain) this.malformed = true;
      this.chunked = true;
      this.codings = [nameStart, lineEnd];
    } else this.takeHopByHop(nameStart, nameEnd, valueStart, valueEnd, lineEnd);
  }

  /** How the body ends (RFC 9112 §6.3). `toHead`: it answers a HEAD request. */
  settle(toHead: boolean): void {
    if (this.upgradeList !== '') this.upgrade = this.upgradeList;
    if (this.chunked && (this.contentLength >= 0 || this.minorVersion === 0)) this.malformed = true;
    if (toHead || this.status < 200 || this.status === 204 || this.status === 304) this.framing = 'none';
    else if (this.chunked) this.framing = 'chunked';
    else if (this.contentLength >= 0) this.framing = this.contentLength > 0 ? 'length' : 'none';
    else this.framing = 'until-close';
  }

  /** Whether the connection may carry another message after this one. */
  isPersistent(): boolean {
    if (this.close || this.framing === 'until-close') return false;
    return this.minorVersion === 1 || this.keepAlive;
  }
}

/** Reads a response head at `from`. Returns it (look at `malformed` first), or INCOMPLETE. */
export function parseResponseHead(
  bytes: Buffer,
  from: number,
  to: number,
  toHead: boolean,
): ResponseHead | typeof INCOMPLETE {
  const head = new ResponseHead(bytes, from);
  if (to - from < 14) return startsLikeResponse(bytes, from, to) ? INCOMPLETE : malformed(head);
  // "HTTP/1.x NNN", then a space and a reason, or nothing.
  const minor = bytes[from + 7];
  if (!startsLikeResponse(bytes, from, from + 7) || (minor !== 0x30 && minor !== 0x31))
    return malformed(head);
  if (bytes[from + 8] !== SP) return malformed(head);
  head.minorVersion = minor - 48;
  for (let at = from + 9; at < from + 12; at++) {
    const digit = (bytes[at] as number) - 48;
    if (digit < 0 || digit > 9) return malformed(head);
    head.status = head.status * 10 + digit;
  }
  if (head.status < 100) return malformed(head);
  let at = from + 12;
  if (bytes[at] === SP) {
    at++;
    while (at < to && IS_TEXT[bytes[at] as number] === 1) at++;
  }
  if (at >= to) return INCOMPLETE;
  if (bytes[at] !== CR) return malformed(head);
  if (at + 1 >= to) return INCOMPLETE;
  if (bytes[at + 1] !== LF) return malformed(head);
  head.fieldsStart = at + 2;
  const end = scanFields(bytes, head.fieldsStart, to, head);
  if (end === INCOMPLETE) return INCOMPLETE;
  if (end < 0) return malformed(head);
  head.end = end;
  head.settle(toHead);
  return head;
}

function malformed(head: ResponseHead): ResponseHead {
  head.malformed = true;
  return head;
}

const PREFIX = 'HTTP/1.';

function startsLikeResponse(bytes: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to && at - from < PREFIX.length; at++) {
    if (bytes[at] !== PREFIX.charCodeAt(at - from)) return false;
  }
  return true;
}

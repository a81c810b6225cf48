import { parseForm } from '../carve-out/fields.ts';
import { type Peer, writeRequestHead } from '../datapath/request-bytes.ts';
import { queryOf } from '../routing/path-parameters.ts';
import { parseRequestHead, RequestHead } from '../wire/request-head.ts';
import type { MonolithQuestion } from './monolith-questions.ts';
import { mask } from './redact.ts';

/** Safe methods that operations are asked with (RFC 9110 §9.2.1). */
const REPEATABLE = new Set(['GET', 'HEAD']);

/**
 * Whether a request may be sent again by ourselves: it changes nothing, and its head is all of it. To HTTP/1.0 the
 * monolith answers otherwise than to the 1.1 that we would ask with.
 */
export function isRepeatable(head: RequestHead): boolean {
  const isPlain = head.framing === 'none' && head.upgrade === undefined && head.minorVersion === 1;
  return isPlain && REPEATABLE.has(head.method);
}

/** A request as it is asked again, in memory of its own: the client's connection goes on to its next. */
export type AskedRequest = {
  /** As it came: what its translation would see. */
  readonly asCame: Buffer;
  /** As the monolith got it: with forwarding fields, without what is of one connection. */
  readonly asForwarded: Buffer;
};

/** Of whoever is not told: the address that forwarding fields have for nobody. */
const UNKNOWN_PEER: Peer = { address: 'unknown', isTrusted: false, isForwarded: true };

/** The head is without an override by now: nothing behind the decision sees one. */
export function copyRequest(head: RequestHead, peer: Peer = UNKNOWN_PEER): AskedRequest {
  return {
    asCame: Buffer.from(head.bytes.subarray(head.start, head.end)),
    asForwarded: writeRequestHead(head, peer, undefined),
  };
}

/** Reads again what was read before. */
export function readAgain(bytes: Buffer): RequestHead {
  const head = parseRequestHead(bytes, 0, bytes.length);
  if (!(head instanceof RequestHead) || head.fault !== undefined)
    throw new Error('a head that was valid is not');
  return head;
}

/** Of one connection, or an offer that needs a body to follow. The connection is our own. */
const OF_THE_CONNECTION = new Set(['connection', 'keep-alive', 'expect', 'upgrade', 'content-length']);

export function monolithQuestion({ asForwarded }: AskedRequest): MonolithQuestion {
  const head = readAgain(asForwarded);
  const listed = head.listFields();
  const fields: string[] = [];
  for (let i = 0; i + 1 < listed.length; i += 2) {
    const [name, value] = [listed[i] as string, listed[i + 1] as string];
    if (!OF_THE_CONNECTION.has(name.toLowerCase())) fields.push(name, value);
  }
  return { method: head.method, target: head.target, fields };
}

/** Fields of a request on which an answer may depend, beside who asks. */
const CONDITIONS = [
  'accept',
  'accept-encoding',
  'accept-language',
  'cache-control',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'range',
];

export function conditionsOf(head: RequestHead): string[] {
  return CONDITIONS.filter((name) => head.values(name).length > 0);
}

const NAMES_MAX = 20;
const PLAIN_NAME = /^[A-Za-z_][\w[\].-]{0,40}$/;

/** The contract's path with the names of the query's parameters, never their values. */
export function shownPath(path: string, target: string): string {
  const names = Object.keys(parseForm(queryOf(target))).slice(0, NAMES_MAX);
  const shown = names.map((name) => (PLAIN_NAME.test(name) ? name : mask(name.slice(0, 40))));
  return shown.length === 0 ? path : `${path}?${shown.join('&')}`;
}

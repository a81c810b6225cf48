import type { ResponseHead } from '../wire/response-head.ts';
import { type Cuts, closeGaps, copyWithout, cutLines, mergeCuts } from './cuts.ts';
import { appendedLines, type HeadEdits } from './head-edits.ts';

export type ResponseShape = {
  /** What to tell the client about its connection; `undefined`: nothing, it is HTTP/1.1 and stays open. */
  readonly connection: 'close' | 'keep-alive' | undefined;
  /** The client speaks HTTP/1.0: the body goes out decoded, its end is the connection's. */
  readonly withoutChunks: boolean;
  readonly edits: HeadEdits | undefined;
};

/**
 * Makes the client's head of the monolith's. Returns the piece to write in its place: `bytes` is either the
 * very buffer the head was read from (then the body that follows in it may go in the same write, from
 * `start` on), or a new one.
 */
export function writeResponseHead(
  head: ResponseHead,
  shape: ResponseShape,
): { bytes: Buffer; start: number; end: number } {
  const { edits } = shape;
  let cuts: Cuts = head.dropped;
  if (head.nominated.length > 0 || edits?.omit !== undefined) {
    const isCut = (name: string): boolean => head.nominated.includes(name) || edits?.omit?.has(name) === true;
    cuts = mergeCuts(cuts, cutLines(head.bytes, head.fieldsStart, head.end, isCut));
  }
  // A 204 with Transfer-Encoding is unlawful (RFC 9112 §6.1), and some clients would wait for its chunks.
  if (head.chunked && (shape.withoutChunks || head.status === 204)) cuts = mergeCuts(cuts, head.codings);
  let lines = appendedLines(edits?.append);
  if (head.status === 426 && head.upgrade !== undefined) {
    lines += `Upgrade: ${head.upgrade}\r\nConnection: Upgrade${shape.connection === 'close' ? ', close' : ''}\r\n`;
  } else if (shape.connection !== undefined) lines += `Connection: ${shape.connection}\r\n`;
  if (lines === '') {
    return { bytes: head.bytes, start: closeGaps(head.bytes, head.start, cuts), end: head.end };
  }
  const out = Buffer.allocUnsafe(head.end - head.start + lines.length);
  let at = copyWithout(head.bytes, head.start, head.end - 2, cuts, out, 0);
  at += out.write(`${lines}\r\n`, at, 'latin1');
  return { bytes: out, start: 0, end: at };
}

/** A 101 keeps its Connection and Upgrade: they speak of the tunnel, which spans both hops. */
export function writeSwitchingHead(head: ResponseHead, edits: HeadEdits | undefined): Buffer {
  const asItCame = head.bytes.subarray(head.start, head.end);
  if (edits === undefined) return asItCame;
  const cuts = cutLines(head.bytes, head.fieldsStart, head.end, (name) => edits.omit?.has(name) === true);
  const lines = appendedLines(edits.append);
  const out = Buffer.allocUnsafe(asItCame.length + lines.length);
  let at = copyWithout(head.bytes, head.start, head.end - 2, cuts, out, 0);
  at += out.write(`${lines}\r\n`, at, 'latin1');
  return out.subarray(0, at);
}

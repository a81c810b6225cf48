import { listElements } from '../wire/lists.ts';
import type { RequestHead } from '../wire/request-head.ts';
import { type Cuts, copyWithout, cutLines, mergeCuts } from './cuts.ts';
import { appendedLines, type HeadEdits } from './head-edits.ts';

/** Who is at the other end of a client connection. */
export type Peer = {
  readonly address: string;
  readonly isTrusted: boolean;
  /** Whether X-Forwarded-* are written. */
  readonly isForwarded: boolean;
};

/**
 * The head to send upstream: the client's bytes, without what is for this hop, with what we have to say at
 * the end. The request line and all other lines stay as they came.
 */
export function writeRequestHead(head: RequestHead, peer: Peer, edits: HeadEdits | undefined): Buffer {
  let cuts: Cuts = head.dropped;
  if (head.nominated.length > 0 || edits?.omit !== undefined) {
    cuts = mergeCuts(
      cuts,
      cutLines(
        head.bytes,
        head.fieldsStart,
        head.end,
        (name) => head.nominated.includes(name) || edits?.omit?.has(name) === true,
      ),
    );
  }
  let lines = appendedLines(edits?.append);
  if (head.forwarding.length > 0 && peer.isForwarded) {
    if (!peer.isTrusted) cuts = mergeCuts(cuts, head.forwarding);
    else {
      const said = cutLines(head.bytes, head.fieldsStart, head.end, (name) => name === 'x-forwarded-for');
      cuts = mergeCuts(cuts, said);
    }
  }
  if (peer.isForwarded) lines = forwardedLines(head, peer) + lines;
  if (head.upgrade !== undefined) lines += `Connection: Upgrade\r\nUpgrade: ${head.upgrade}\r\n`;
  else if (head.minorVersion === 0) lines += 'Connection: close\r\n';

  let firstLines = '';
  let from = head.start;
  if (head.authority !== undefined) {
    firstLines = `${head.method} ${head.target} HTTP/1.${head.minorVersion}\r\nHost: ${head.authority}\r\n`;
    from = head.fieldsStart;
    if (head.hostLineStart !== -1) cuts = mergeCuts(cuts, [head.hostLineStart, head.hostLineEnd]);
  }
  const out = Buffer.allocUnsafe(head.end - from + firstLines.length + lines.length);
  let at = firstLines === '' ? 0 : out.write(firstLines, 0, 'latin1');
  at = copyWithout(head.bytes, from, head.end - 2, cuts, out, at);
  if (lines !== '') at += out.write(lines, at, 'latin1');
  out[at++] = 13;
  out[at++] = 10;
  return out.subarray(0, at);
}

function forwardedLines(head: RequestHead, peer: Peer): string {
  if (!peer.isTrusted || head.forwarding.length === 0) {
    return (
      `X-Forwarded-For: ${peer.address}\r\nX-Forwarded-Proto: http\r\n` +
      `X-Forwarded-Host: ${head.host()}\r\n`
    );
  }
  const chain = listedAddresses(head.values('x-forwarded-for'));
  let lines = `X-Forwarded-For: ${chain === '' ? '' : `${chain}, `}${peer.address}\r\n`;
  if (head.values('x-forwarded-proto').length === 0) lines += 'X-Forwarded-Proto: http\r\n';
  if (head.values('x-forwarded-host').length === 0) lines += `X-Forwarded-Host: ${head.host()}\r\n`;
  return lines;
}

const listedAddresses = (values: readonly string[]): string => values.flatMap(listElements).join(', ');

import type { DocumentFacts, GetInvoiceDocumentResponse } from '@banyan/contracts/billing/v1/billing';
import {
  type Answer,
  expressNotModified,
  expressRaw,
  type HeaderLine,
  isNotModified,
  required,
  ServiceNonsense,
  type TranslationRequest,
} from '@banyan/gateway/carve-out';
import { decideRange } from '@meridian/habits/byte-range';
import { Refusal } from '@meridian/habits/refusal';

/** A document, or what conditions and ranges leave of it. Conditions come first (RFC 9110 13.2.2). */
export async function documentAnswer(
  request: Pick<TranslationRequest, 'method' | 'headers'>,
  parts: AsyncIterable<GetInvoiceDocumentResponse>,
): Promise<Answer> {
  const reader = parts[Symbol.asyncIterator]();
  const first = await reader.next();
  const facts = first.done ? undefined : first.value.part;
  if (facts?.$case !== 'facts') throw new ServiceNonsense('a document does not begin with its facts');
  const answer = answerOf(request, facts.value, reader);
  // Nobody will read on: the service may stop sending.
  if (answer.body === null || Buffer.isBuffer(answer.body)) await reader.return?.();
  return answer;
}

function answerOf(
  request: Pick<TranslationRequest, 'method' | 'headers'>,
  facts: DocumentFacts,
  reader: AsyncIterator<GetInvoiceDocumentResponse>,
): Answer {
  const size = Number(facts.sizeBytes);
  const etag = `"${facts.sha256.slice(0, 32)}"`;
  const lastModified = required(facts.updatedAt, 'time').toUTCString();
  const lines: HeaderLine[] = [
    ['Accept-Ranges', 'bytes'],
    ['Content-Disposition', `inline; filename="${facts.fileName}"`],
    ['ETag', etag],
    ['Last-Modified', lastModified],
  ];
  if (isNotModified(request, 200, { etag, lastModified })) return expressNotModified(lines);
  const headers = {
    range: request.method === 'GET' ? request.headers.get('range') : undefined,
    ifRange: request.headers.get('if-range'),
  };
  const range = decideRange(headers, size, { etag, lastModified });
  if (range.kind === 'unsatisfiable') {
    throw new Refusal('range_not_satisfiable', 'The range cannot be satisfied.', {
      headers: [['Content-Range', `bytes */${size}`]],
    });
  }
  const [start, end] = range.kind === 'part' ? [range.start, range.end + 1] : [0, size];
  if (range.kind === 'part') lines.push(['Content-Range', `bytes ${start}-${end - 1}/${size}`]);
  lines.push(['Content-Type', facts.contentType], ['Content-Length', String(end - start)]);
  const body = request.method === 'HEAD' ? null : bytesOf(reader, start, end);
  return expressRaw(range.kind === 'part' ? 206 : 200, lines, body);
}

/** The document's bytes from `start` up to `end`; a document that ends before is nonsense. */
async function* bytesOf(
  reader: AsyncIterator<GetInvoiceDocumentResponse>,
  start: number,
  end: number,
): AsyncGenerator<Uint8Array> {
  let offset = 0;
  try {
    while (offset < end) {
      const next = await reader.next();
      const part = next.done ? undefined : next.value.part;
      if (part?.$case !== 'chunk') throw new ServiceNonsense('a document ended before its size');
      const wanted = part.value.subarray(Math.max(0, start - offset), Math.max(0, end - offset));
      offset += part.value.length;
      if (wanted.length > 0) yield wanted;
    }
  } finally {
    await reader.return?.();
  }
}

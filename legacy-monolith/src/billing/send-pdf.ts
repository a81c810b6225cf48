import { createHash } from 'node:crypto';
import type { Request, Response } from 'express';
import { invoiceNumber } from '../bookings/reference.ts';
import { decideRange } from '../http/byte-range.ts';
import { Refusal } from '../http/refusal.ts';
import type { InvoiceRow } from './invoice.ts';

/** Sends a document, or what conditions and ranges leave of it. Conditions come first (RFC 9110 13.2.2). */
export function sendPdf(req: Request, res: Response, row: InvoiceRow, pdf: Buffer): void {
  const etag = `"${createHash('sha256').update(pdf).digest('hex').slice(0, 32)}"`;
  const lastModified = row.updated_at.toUTCString();
  res.set({
    'Accept-Ranges': 'bytes',
    'Content-Disposition': `inline; filename="${invoiceNumber(row.booking_id)}.pdf"`,
    ETag: etag,
    'Last-Modified': lastModified,
  });
  if (req.fresh) {
    res.status(304).end();
    return;
  }
  const range = decideRange(
    { range: req.method === 'GET' ? req.headers.range : undefined, ifRange: req.get('If-Range') },
    pdf.length,
    { etag, lastModified },
  );
  if (range.kind === 'unsatisfiable') {
    throw new Refusal('range_not_satisfiable', 'The range cannot be satisfied.', {
      headers: { 'Content-Range': `bytes */${pdf.length}` },
    });
  }
  let body = pdf;
  if (range.kind === 'part') {
    res.status(206).set('Content-Range', `bytes ${range.start}-${range.end}/${pdf.length}`);
    body = pdf.subarray(range.start, range.end + 1);
  }
  // Not through send(): it would tag the part, and answer a HEAD by another way.
  res.set({ 'Content-Type': 'application/pdf', 'Content-Length': String(body.length) });
  res.end(req.method === 'HEAD' ? undefined : body);
}

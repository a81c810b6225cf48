import { createHash } from 'node:crypto';
import { type InvoiceRow, toInvoice } from '../invoice.ts';
import { renderInvoice } from './invoice-document.ts';

export type InvoicePdfs = { render(row: InvoiceRow): Promise<Buffer> };

/**
 * Renders invoices and keeps the last few: a reader that asks for ranges asks for one file many times. Keyed by
 * everything that the document is made of, so a kept one is never out of date.
 */
export function createInvoicePdfs({ keptMax = 50 }: { keptMax?: number } = {}): InvoicePdfs {
  const kept = new Map<string, Promise<Buffer>>();
  return {
    render(row) {
      const key = createHash('sha256')
        .update(JSON.stringify(toInvoice(row)))
        .digest('base64');
      const known = kept.get(key);
      const rendered = known ?? renderInvoice(row);
      // Set again, so that the one used last is the last to go.
      kept.delete(key);
      kept.set(key, rendered);
      if (known === undefined) rendered.catch(() => kept.delete(key));
      if (kept.size > keptMax) {
        const [oldest] = kept.keys();
        if (oldest !== undefined) kept.delete(oldest);
      }
      return rendered;
    },
  };
}

import { createHash } from 'node:crypto';
import { type Invoice, numberOf } from '../domain/invoice.ts';
import { renderInvoice } from './invoice-document.ts';

export type InvoiceDocument = {
  readonly fileName: string;
  readonly contentType: string;
  readonly bytes: Buffer;
  /** In small hexadecimal digits. */
  readonly sha256: string;
};

export type InvoiceDocuments = { render(invoice: Invoice): Promise<InvoiceDocument> };

/**
 * Renders invoices and keeps the last few: a reader that asks for ranges asks for one file many times. Keyed by
 * everything that the document is made of, so a kept one is never out of date.
 */
export function createInvoiceDocuments({
  keptMax = 50,
}: {
  readonly keptMax?: number;
} = {}): InvoiceDocuments {
  const kept = new Map<string, Promise<InvoiceDocument>>();
  return {
    render(invoice) {
      const key = sha256('base64', JSON.stringify(invoice, bigintAsText));
      const known = kept.get(key);
      const rendered = known ?? render(invoice);
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

async function render(invoice: Invoice): Promise<InvoiceDocument> {
  const bytes = await renderInvoice(invoice);
  const fileName = `${numberOf(invoice)}.pdf`;
  return { fileName, contentType: 'application/pdf', bytes, sha256: sha256('hex', bytes) };
}

function sha256(encoding: 'hex' | 'base64', content: Buffer | string): string {
  return createHash('sha256').update(content).digest(encoding);
}

function bigintAsText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { extractText, getDocumentProxy } from 'unpdf';
import type { InvoiceRow } from '../invoice.ts';
import { renderInvoice } from './invoice-document.ts';

const ROW: InvoiceRow = {
  id: '41',
  booking_id: '41',
  account_id: '7',
  bill_to: 'Zoë Müller-Łukaszewicz Δημήτρης Дарья',
  status: 'PARTIALLY_REFUNDED',
  currency: 'EUR',
  lines: [
    { description: 'CLASSIC fare, adult', quantity: 2, unit_amount: '400.00', amount: '800.00' },
    { description: 'CLASSIC fare, infant', quantity: 1, unit_amount: '40.00', amount: '40.00' },
  ],
  net: '840.00',
  tax: '100.80',
  total: '940.80',
  paid: '940.80',
  refunded: '50.00',
  ledger_ref: '9007199254741075',
  issued_at: new Date('2026-11-22T19:30:00.000Z'),
  due_at: new Date('2026-11-22T20:00:00.000Z'),
  paid_at: new Date('2026-11-22T19:31:00.000Z'),
  updated_at: new Date('2026-11-22T19:40:00.000Z'),
  payments: [
    {
      id: '33',
      result: 'APPROVED',
      decline_reason: null,
      amount: '940.80',
      currency: 'EUR',
      card_brand: 'VISA',
      card_last4: '4242',
      acquirer_ref: 'ch_1',
      created_at: '2026-11-22T19:31:00.000Z',
      refunds: [
        {
          id: '9',
          result: 'REFUNDED',
          amount: '50.00',
          currency: 'EUR',
          reason: 'Goodwill',
          acquirer_ref: 're_1',
          created_at: '2026-11-22T19:40:00.000Z',
        },
      ],
    },
  ],
};

async function read(pdf: Buffer): Promise<{ text: string; pages: number }> {
  const document = await getDocumentProxy(new Uint8Array(pdf));
  const { text, totalPages } = await extractText(document, { mergePages: true });
  return { text: text.replace(/\s+/g, ' '), pages: totalPages };
}

test('equal data give equal bytes, whatever the clock says; other data give others', async (t) => {
  const first = await renderInvoice(ROW);
  t.mock.timers.enable({ apis: ['Date'], now: Date.parse('2031-01-01T00:00:00Z') });
  assert.ok((await renderInvoice({ ...ROW })).equals(first));
  assert.ok(!(await renderInvoice({ ...ROW, status: 'PAID' })).equals(first));
});

test('its text can be read: names of any of our alphabets, lines, sums, payments', async () => {
  const { text, pages } = await read(await renderInvoice(ROW));
  assert.equal(pages, 1);
  const parts = ['INV-00000000041', ROW.bill_to, 'CLASSIC fare, infant', '940.80 EUR', 'Visa ending 4242'];
  for (const part of [...parts, 'Goodwill', '22 Nov 2026, 19:30', 'PARTIALLY REFUNDED', ROW.ledger_ref]) {
    assert.ok(text.includes(part), part);
  }
});

test('a name in any script is shown, and one beyond every font stays readable in the file', async () => {
  for (const name of ['王偉龍 Wang', '山田 太郎', '김한', 'สมชาย', 'नमस्ते']) {
    const pdf = await renderInvoice({ ...ROW, bill_to: name });
    assert.ok((await renderInvoice({ ...ROW, bill_to: name })).equals(pdf));
    assert.ok((await read(pdf)).text.includes(name), name);
  }
  const rare = '𠮷野';
  const document = await getDocumentProxy(new Uint8Array(await renderInvoice({ ...ROW, bill_to: rare })));
  const { info } = await document.getMetadata();
  assert.equal((info as { Keywords?: string }).Keywords, rare);
});

test('a very long name and very many attempts stay on their one page', async () => {
  const payment = {
    ...(ROW.payments[0] as InvoiceRow['payments'][number]),
    result: 'DECLINED' as const,
    refunds: [],
  };
  const { text, pages } = await read(
    await renderInvoice({ ...ROW, bill_to: 'Anna '.repeat(40), payments: Array(60).fill(payment) }),
  );
  assert.equal(pages, 1);
  assert.match(text, /and 46 earlier/);
});

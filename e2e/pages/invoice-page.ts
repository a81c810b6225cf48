import type { Locator, Page } from '@playwright/test';
import { createFields } from './fields.ts';

/** `/invoices/{id}`. */
export function createInvoicePage(page: Page) {
  const facts = page.getByRole('region', { name: 'Invoice', exact: true });
  const payments = page.getByRole('region', { name: 'Payments' });
  const refundForm = payments.getByRole('form', { name: 'Refund of this payment' });
  const row = (name: string): Locator =>
    facts.getByRole('row').filter({ has: page.getByRole('rowheader', { name, exact: true }) });
  return {
    open: (invoice: { id: number }) => page.goto(`/invoices/${invoice.id}`),
    status: facts.locator('.invoice-head .tag'),
    amount: (name: 'Net' | 'Tax' | 'Total' | 'Paid' | 'Refunded'): Locator =>
      row(name).getByRole('cell').last(),
    payments,
    pdfLink: page.getByRole('link', { name: 'Open PDF' }),
    refundForm,
    refundFields: createFields(refundForm),
    refund: () => refundForm.getByRole('button', { name: 'Refund' }).click(),
  };
}

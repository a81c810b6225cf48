import type { Locator, Page } from '@playwright/test';
import { createFields } from './fields.ts';

/** `/invoices`, with the desk of the accountants. */
export function createInvoicesPage(page: Page) {
  const filterFields = createFields(page.getByRole('form', { name: 'Filter' }));
  const statement = page.getByRole('region', { name: 'Monthly statement' });
  return {
    open: () => page.goto('/invoices'),
    invoice: (number: string): Locator =>
      page.getByRole('region', { name: 'Invoices' }).getByRole('row').filter({ hasText: number }),
    filterFields,
    async filter(values: { status?: string; account_id?: string; booking_id?: string }): Promise<void> {
      const { status, ...rest } = values;
      if (status !== undefined) await filterFields.named('status').selectOption(status);
      await filterFields.fill(rest);
      await page.getByRole('button', { name: 'Show' }).click();
    },
    statementFields: createFields(statement),
    drawUp: () => statement.getByRole('button', { name: 'Draw up' }).click(),
    exportButton: page.getByRole('region', { name: 'Export' }).getByRole('button', { name: 'Download CSV' }),
  };
}

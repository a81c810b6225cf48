import type { Page } from '@playwright/test';
import { createFields } from './fields.ts';

export function createLogInPage(page: Page) {
  const fields = createFields(page);
  return {
    ...fields,
    open: (next?: string) =>
      page.goto(next === undefined ? '/login' : `/login?next=${encodeURIComponent(next)}`),
    async logIn(account: { email: string; password: string }): Promise<void> {
      await fields.fill({ email: account.email, password: account.password });
      await page.getByRole('main').getByRole('button', { name: 'Log in' }).click();
    },
  };
}

import { expect, type Locator, type Page } from '@playwright/test';

/** Mail goes out after the answer: the worker's next look, and the time to write the documents. */
const ARRIVES_WITHIN_MS = 60_000;

/** The page of the mail catcher, which is not the site's and has its own address. */
export function createMailCatcher(page: Page, mailUrl: string) {
  const article = page.getByRole('article');
  return {
    /** Opens the newest mail whose subject says this, as soon as it has come. */
    async open(subject: string): Promise<void> {
      const mail = page
        .getByRole('navigation', { name: 'Mails' })
        .getByRole('link')
        .filter({ hasText: subject });
      await expect(async () => {
        await page.goto(mailUrl);
        await expect(mail.first()).toBeVisible({ timeout: 2_000 });
      }, `a mail "${subject}" in the catcher`).toPass({ timeout: ARRIVES_WITHIN_MS });
      await mail.first().click();
    },
    subject: article.getByRole('heading', { level: 2 }),
    to: article.getByRole('definition').nth(1),
    html: page.frameLocator('iframe[title="The mail as HTML"]').locator('body'),
    attachment: (name: string | RegExp): Locator => article.getByRole('link', { name }),
    async download(name: string | RegExp): Promise<{ filename: string; path: string }> {
      const downloading = page.waitForEvent('download');
      await article.getByRole('link', { name }).click();
      const download = await downloading;
      return { filename: download.suggestedFilename(), path: await download.path() };
    },
  };
}

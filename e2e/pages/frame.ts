import type { Page } from '@playwright/test';

/** What stands around every page, and what is said above its forms. */
export function createFrame(page: Page) {
  const masthead = page.getByRole('banner');
  return {
    heading: page.getByRole('heading', { level: 1 }),
    /** The link with the visitor's name. */
    visitor: masthead.locator('a[href="/profile"].visitor-name'),
    navigation: page.getByRole('navigation', { name: 'Main' }),
    /** What is wrong with a form as a whole. */
    message: page.getByRole('alert').filter({ visible: true }),
    notice: page.getByRole('status'),
    logInLink: masthead.getByRole('link', { name: 'Log in' }),
    logOut: () => masthead.getByRole('button', { name: 'Log out' }).click(),
    /** How far the page is wider than the window: 0, or a phone scrolls sideways. */
    overflowPixels: () =>
      page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth),
  };
}

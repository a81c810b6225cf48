import type { Locator } from '@playwright/test';

/**
 * Waits until the page that the element stands on is loaded, and its script has run: before that a form goes the way
 * of browsers without JavaScript, and a seat map does nothing. A link or a form that led here waits for no such thing.
 */
export async function loaded(element: Locator): Promise<void> {
  await element.waitFor({ state: 'attached' });
  await element.page().waitForLoadState('load');
}

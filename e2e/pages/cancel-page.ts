import type { Page } from '@playwright/test';
import { loaded } from './loaded.ts';

/** `/bookings/{id}/cancel`: asks once more, and says what comes back. */
export function createCancelPage(page: Page) {
  const cancelButton = page.getByRole('button', { name: 'Cancel the booking' });
  return {
    open: (booking: { id: number }) => page.goto(`/bookings/${booking.id}/cancel`),
    warning: page.locator('.notice.warn'),
    cancelButton,
    async cancel(): Promise<void> {
      await loaded(cancelButton);
      await cancelButton.click();
    },
    keepLink: page.getByRole('link', { name: 'Keep it' }),
  };
}

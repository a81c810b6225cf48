import type { Page } from '@playwright/test';

/** `/bookings/{id}/cancel`: asks once more, and says what comes back. */
export function createCancelPage(page: Page) {
  return {
    open: (booking: { id: number }) => page.goto(`/bookings/${booking.id}/cancel`),
    warning: page.locator('.notice.warn'),
    cancelButton: page.getByRole('button', { name: 'Cancel the booking' }),
    cancel: () => page.getByRole('button', { name: 'Cancel the booking' }).click(),
    keepLink: page.getByRole('link', { name: 'Keep it' }),
  };
}

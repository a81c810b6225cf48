import type { Page } from '@playwright/test';
import { createFields } from './fields.ts';

export type CardInput = { card_number: string; expiry?: string; cvc?: string; card_holder?: string };

/** `/bookings/{id}/pay`. */
export function createPayPage(page: Page) {
  const form = page.locator('form.card-form');
  const fields = createFields(form);
  const payButton = form.getByRole('button', { name: /^Pay/ });
  const fillCard = ({
    card_number,
    expiry = '12/39',
    cvc = '123',
    card_holder = 'Ada Lovelace',
  }: CardInput) => fields.fill({ card_holder, card_number, expiry, cvc });
  return {
    ...fields,
    /** `/bookings/{id}/pay`, with the booking's id in group 1. */
    path: /\/bookings\/(\d+)\/pay$/,
    open: (booking: { id: number }) => page.goto(`/bookings/${booking.id}/pay`),
    fillCard,
    payButton,
    async pay(card: CardInput): Promise<void> {
      await fillCard(card);
      await payButton.click();
    },
    total: page.locator('aside dd.total'),
    /** The booking that is to be paid. */
    bookingId: (): number => Number(/\/bookings\/(\d+)/.exec(page.url())?.[1]),
  };
}

import { CARDS } from '../kit/ledger.ts';
import { expect, test } from '../kit/test.ts';

test.use({ viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true, deviceScaleFactor: 2 });

test('a phone searches, books and pays, and never scrolls sideways', async ({ site, flight }) => {
  const fits = async (page: string): Promise<void> => {
    expect(await site.frame.overflowPixels(), `${page} fits a phone`).toBe(0);
  };
  await site.search.open();
  await fits('the start page');
  await site.search.search(flight);
  await expect(site.search.flight(flight.number)).toBeVisible();
  await fits('the results');
  await site.search.fare(flight.number, 'Classic').tap();
  await site.book.fillPassenger(1, { first_name: 'Ada', last_name: 'Lovelace' });
  await site.book.seatMap.seat('23E').tap();
  await expect(site.book.seatMap.chosen).toHaveText('23E');
  await fits('the booking form');
  await site.book.holdButton.tap();
  await expect(site.page).toHaveURL(site.pay.path);
  await fits('the payment');
  await site.pay.fillCard({ card_number: CARDS.approved });
  await site.pay.payButton.tap();
  await expect(site.booking.status).toHaveText('Confirmed');
  await fits('the booking');
  await site.booking.changeLink.tap();
  await expect(site.change.seatMap.seatAs('23E', 'mine')).toBeVisible();
  await fits('the change');
  await site.bookings.open();
  await fits('the bookings');
  await site.invoices.open();
  await fits('the invoices');
  await site.profile.open();
  await fits('the profile');
  await site.flightStatus.open(flight);
  await fits('the flight status');
});

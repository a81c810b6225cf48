import { defineConfig } from '@banyan/gateway/carve-out';
import { carveOut as billing } from '@meridian/billing/carve-out';
import { carveOut as booking } from '@meridian/booking/carve-out';
import { meridianIdentity } from '@meridian/identity/meridian';

/**
 * The reference migration: Meridian Air, of which billing and booking can leave. Each is active where its service's
 * address is set (`BILLING_TARGET`, `BOOKING_TARGET`); where neither is, the monolith does everything.
 */
export default defineConfig({
  monolith: 'http://127.0.0.1:3000',
  contract: './openapi/legacy.yaml',
  // As the routes of an Express application match unless told otherwise.
  matching: { caseSensitive: false, trailingSlash: 'tolerated' },
  identity: meridianIdentity,
  carveOuts: [billing, booking],
  queues: [
    {
      name: 'billing-events',
      consumer: 'billing',
      takes: ['bookingPlaced', 'bookingChanged', 'bookingCancelled', 'holdExpired'],
    },
    { name: 'booking-events', consumer: 'booking', takes: 'rest' },
    { name: 'billing-jobs', consumer: 'billing', takes: 'jobs' },
    { name: 'booking-jobs', consumer: 'booking', takes: 'jobs' },
  ],
  views: [],
});

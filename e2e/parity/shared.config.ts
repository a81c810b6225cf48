import { defineConfig } from '@banyan/gateway/carve-out';
import { carveOut as billing } from '@meridian/billing/carve-out';
import { carveOut as booking } from '@meridian/booking/carve-out';
import { meridianIdentity } from '@meridian/identity/meridian';

/** The reference migration with reads at the services while the monolith owns. */
export default defineConfig({
  monolith: 'http://127.0.0.1:3000',
  contract: '../../openapi/legacy.yaml',
  matching: { caseSensitive: false, trailingSlash: 'tolerated' },
  identity: meridianIdentity,
  carveOuts: [billing, booking],
  initialStages: { billing: 'service', booking: 'service' },
  views: [],
});

import { defineConfig } from '@banyan/gateway/carve-out';

/** The reference migration: Meridian Air, of which nothing is carved out yet. */
export default defineConfig({
  monolith: 'http://127.0.0.1:3000',
  contract: './openapi/legacy.yaml',
  // As the routes of an Express application match unless told otherwise.
  matching: { caseSensitive: false, trailingSlash: 'tolerated' },
  carveOuts: [],
  views: [],
});

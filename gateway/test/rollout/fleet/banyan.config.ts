import { defineConfig, defineIdentity } from '@banyan/gateway/carve-out';
import { FLEET_CARVE_OUTS } from './carve-outs.ts';

/** Whoever sends a cookie is that account; the monolith says so. */
const identity = defineIdentity({
  credentialOf: (headers) => {
    const cookie = headers.get('cookie') ?? '';
    return { key: cookie, headers: [['Cookie', cookie]] };
  },
  ask: { method: 'GET', path: '/session' },
  read: ({ status, body }) => {
    if (status !== 200) return null;
    const account = body.toString();
    return {
      identity: { account, role: 'customer', name: account, via: 'session' },
      expiresAt: null,
      renew: () => [],
    };
  },
  alteredBy: () => null,
});

export default defineConfig({
  // MONOLITH_URL wins over it.
  monolith: 'http://127.0.0.1:9',
  contract: 'contract.yaml',
  identity,
  carveOuts: FLEET_CARVE_OUTS,
});

import { expect, test } from '@playwright/test';
import { readEnvironment } from '../kit/environment.ts';
import { setCarveOut } from '../kit/override.ts';

/** What is pinned against the flags shows that it is pinned: billing to the monolith, booking to its service. */
test('billing is at its service, booking at the monolith', async () => {
  const environment = readEnvironment(process.env);
  // A gateway that has just started may not have heard yet that the service serves.
  await expect(async () => {
    await setCarveOut(environment, 'billing', { stage: 'service' });
    await setCarveOut(environment, 'booking', { stage: 'monolith' });
  }).toPass({ timeout: 60_000 });
});

import { test } from '@playwright/test';
import { readEnvironment } from '../kit/environment.ts';
import { setCarveOut } from '../kit/override.ts';

test('all is at the monolith again', async () => {
  const environment = readEnvironment(process.env);
  await setCarveOut(environment, 'billing', { stage: 'monolith' });
});

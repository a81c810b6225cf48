import { runService } from '@banyan/service-kit/lifecycle';
import { createBilling } from '../../src/compose.ts';
import { readBillingConfig } from '../../src/config.ts';

// Billing's own process, but for this: at the step of a payment that STOP_AT names it says so and goes no further.
const stopAt = process.env.STOP_AT;

await runService({
  name: 'billing',
  readConfig: readBillingConfig,
  compose: (config, parts) =>
    createBilling(config, {
      ...parts,
      atStep: async (step) => {
        if (step !== stopAt) return;
        parts.logger.info({ step }, 'at step');
        await new Promise(() => {});
      },
    }),
});

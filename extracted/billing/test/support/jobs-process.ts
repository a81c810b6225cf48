import { runService } from '@banyan/service-kit/lifecycle';
import { createBilling } from '../../src/compose.ts';
import { readBillingConfig } from '../../src/config.ts';
import { JOB_TIMES } from './job-times.ts';

// Billing's own process; what it has in hand when it dies is soon another's.
await runService({
  name: 'billing',
  readConfig: readBillingConfig,
  compose: (config, parts) => createBilling(config, { ...parts, jobTimes: JOB_TIMES }),
});

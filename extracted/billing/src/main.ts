import { runService } from '@banyan/service-kit/lifecycle';
import { createBilling } from './compose.ts';
import { readBillingConfig } from './config.ts';

await runService({ name: 'billing', readConfig: readBillingConfig, compose: createBilling });

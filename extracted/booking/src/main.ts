import { runService } from '@banyan/service-kit/lifecycle';
import { createBooking } from './compose.ts';
import { readBookingConfig } from './config.ts';

await runService({ name: 'booking', readConfig: readBookingConfig, compose: createBooking });

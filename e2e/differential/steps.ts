import type { Step } from './step.ts';
import { beside } from './steps/beside.ts';
import { billing } from './steps/billing.ts';
import { bookings } from './steps/bookings.ts';
import { ends } from './steps/ends.ts';
import { flights } from './steps/flights.ts';
import { profile } from './steps/profile.ts';
import { session } from './steps/session.ts';

export const GROUPS = { session, flights, bookings, billing, profile, ends, beside } as const;

export const STEPS: readonly Step[] = [
  ...session,
  ...flights,
  ...bookings,
  ...billing,
  ...profile,
  ...ends,
  ...beside,
];

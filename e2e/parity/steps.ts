import type { Step } from '../differential/step.ts';
import { GROUPS } from '../differential/steps.ts';
import { changes } from './steps/booking-changes.ts';
import { forms, formsAfter } from './steps/booking-forms.ts';
import { identities, methods } from './steps/callers.ts';
import { lists } from './steps/lists.ts';
import { cancellations, money } from './steps/money.ts';
import { newBookings } from './steps/new-bookings.ts';
import { reads } from './steps/reads.ts';

export { LOG_INS } from './steps/log-ins.ts';

const contexts = ({ operation }: Step): boolean => operation !== undefined;

/** The differential run's own steps of the two contexts, and what their translation might get wrong besides. */
export const PARITY_STEPS: readonly Step[] = [
  ...identities,
  ...methods,
  ...lists,
  ...reads,
  ...GROUPS.bookings,
  ...newBookings,
  ...forms,
  ...formsAfter,
  ...changes,
  ...GROUPS.billing,
  ...money,
  ...cancellations,
  ...GROUPS.ends.filter(contexts),
  ...lists.slice(0, 12),
];

import { booking, type Step, step } from '../differential/step.ts';
import { PARITY_STEPS } from './steps.ts';
import { describeParity } from './suite.ts';

/** As long as the monolith owns, a key has no effect, whatever it is: each of these is a booking of its own. */
const KEYED: readonly Step[] = ['one-key', 'one-key', 'no key at all'].map((key) =>
  step('createBooking', 201, 'POST', {
    target: '/api/v1/bookings',
    as: 'alice',
    title: `createBooking 201: with the Idempotency-Key ${key}`,
    headers: () => [`Idempotency-Key: ${key}`],
    body: booking({ passengers: [{ first_name: 'A', last_name: 'B' }] }),
  }),
);

describeParity(
  'both read by their services',
  { booking: 'shared', billing: 'shared' },
  { steps: [...PARITY_STEPS, ...KEYED] },
);

import { Refusal } from '../http/refusal.ts';

/** 503: the acquirer cannot be had, and it is sure that no money moved. Trying again is safe. */
export function notMoved(assurance: string): Refusal {
  return new Refusal('unavailable', `The payment service is unavailable. ${assurance}`, {
    retryAfterSeconds: 5,
  });
}

/** 503: nobody knows yet whether money moved. Trying again at once might move it twice, so it is refused by then. */
export function stillUnknown(): Refusal {
  return new Refusal(
    'unavailable',
    'The outcome is not known yet. Please look at the invoice before you try again.',
    { retryAfterSeconds: 10 },
  );
}

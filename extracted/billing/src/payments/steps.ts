/** Where a process may die while money moves; tests stop it at each. */
export const PAYMENT_STEPS = [
  'consent given',
  'payment begun',
  'card charged',
  'payment settled',
  'refund begun',
  'refund carried out',
  'refund settled',
] as const;
export type PaymentStep = (typeof PAYMENT_STEPS)[number];

/** Called at each step; what comes next waits for it. */
export type AtStep = (step: PaymentStep) => Promise<void>;

export const passStep: AtStep = async () => {};

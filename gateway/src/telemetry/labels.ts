import type { RequestContext } from '../http/request-context.ts';

/** Stands for all that is no operation of the contract, in metrics and traffic alike. */
export const NO_OPERATION = 'none';

/** Who really answered. */
export function servedBy(context: RequestContext): string {
  return (context as { servedBy?: string }).servedBy ?? context.decision.backend;
}

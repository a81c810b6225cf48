import type { HeadEdits } from '../datapath/head-edits.ts';
import type { RequestContext } from './request-context.ts';

/** Said of every answer to a request with a valid override, and of no other. */
export const PROOF_HEADERS = {
  operation: 'X-Banyan-Operation',
  servedBy: 'X-Banyan-Served-By',
  flags: 'X-Banyan-Flags',
} as const;

const OWN = new Set(Object.values(PROOF_HEADERS).map((name) => name.toLowerCase()));
const NO_OPERATION = 'none';
const IS_PLAIN = /^[\x21-\x7e]+$/;

/** Who answers, as it stands now. Lines of the same names that the monolith wrote give way: there is one proof. */
export function proofOf({ operation, servedBy, flagsVersion }: RequestContext): HeadEdits {
  const { operationId = NO_OPERATION } = operation ?? {};
  return {
    omit: OWN,
    append: [
      PROOF_HEADERS.operation,
      // A contract may name an operation as it likes.
      IS_PLAIN.test(operationId) ? operationId : encodeURIComponent(operationId),
      PROOF_HEADERS.servedBy,
      servedBy,
      PROOF_HEADERS.flags,
      String(flagsVersion),
    ],
  };
}

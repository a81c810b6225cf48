import type { Flight } from '../domain/flight.ts';
import type { Account } from '../storage/port.ts';

/**
 * The contexts that stay with the monolith, as booking sees them. Every question has a deadline; all throw while the
 * monolith is away.
 */
export type Directory = {
  /** Null: there is no such flight. */
  getFlight(id: bigint, options: { readonly deadlineMs: number }): Promise<Flight | null>;
  getAccount(id: bigint, options: { readonly deadlineMs: number }): Promise<Account | null>;
  /** What changed after the cursor, in batches; everything after an empty one. */
  listFlights(
    cursor: string,
    signal: AbortSignal,
  ): AsyncIterable<{ readonly flights: readonly Flight[]; readonly cursor: string }>;
  listAccounts(afterId: bigint, signal: AbortSignal): AsyncIterable<readonly Account[]>;
};

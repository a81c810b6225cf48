import type { Transaction } from '@banyan/service-kit/database';

/**
 * Refuses the transaction unless this side owns billing, also where it writes none of billing's tables: the fence
 * of a table looks at every statement, one that changes no row too.
 */
export async function requireOwnership(tx: Transaction): Promise<void> {
  await tx.query('UPDATE invoices SET status = status WHERE false');
}

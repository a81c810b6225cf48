import type { Invoice } from './invoice.ts';
import { Refusal } from './refusal.ts';

export const ROLES = ['customer', 'agent', 'accountant', 'partner'] as const;
export type Role = (typeof ROLES)[number];

/** On whose behalf a call is made. */
export type Caller = { readonly accountId: bigint; readonly role: Role };

/** What each operation lets in. */
export const MAY = {
  listInvoices: ['customer', 'accountant', 'partner'],
  seeInvoice: ROLES,
  payInvoice: ['customer', 'agent', 'partner'],
  refundPayment: ['accountant'],
  exportInvoices: ['accountant'],
  useStatements: ['customer', 'accountant', 'partner'],
} as const satisfies Record<string, readonly Role[]>;

export function requireRole(caller: Caller, operation: keyof typeof MAY): void {
  if (!(MAY[operation] as readonly Role[]).includes(caller.role)) throw new Refusal('ROLE_FORBIDDEN');
}

/** Agents and accountants see all; others their own. A foreign invoice is no secret, only closed. */
export function requireVisible(caller: Caller, invoice: Pick<Invoice, 'accountId'>): void {
  if (caller.role === 'agent' || caller.role === 'accountant' || caller.accountId === invoice.accountId)
    return;
  throw new Refusal('FOREIGN_INVOICE');
}

/** A foreign statement is as if it were not there: its id tells nothing of whose it is. */
export function maySeeStatement(caller: Caller, statement: { readonly accountId: bigint }): boolean {
  return caller.role === 'accountant' || caller.accountId === statement.accountId;
}

import type { APIRequestContext } from '@playwright/test';

/** Cards of the acquirer stand-in, each with its fate: docs/acquirer.md. */
export const CARDS = {
  approved: '4242 4242 4242 4242',
  declined: '4000 0000 0000 0002',
  slow: '4000 0000 0000 1000',
  failing: '4000 0000 0000 1307',
} as const;

export type Movement = {
  kind: 'charge' | 'refund';
  id: string;
  key: string;
  result: 'APPROVED' | 'DECLINED';
  amount: string;
  reference?: string;
  charge_id?: string;
};

/** What the acquirer has on its books for one invoice: its charges, and the refunds of them. */
export async function movementsOf(
  request: APIRequestContext,
  acquirerUrl: string,
  invoiceNumber: string,
): Promise<Movement[]> {
  const response = await request.get(`${acquirerUrl}/ledger`);
  if (!response.ok()) throw new Error(`the acquirer's ledger answered ${response.status()}`);
  const { movements } = (await response.json()) as { movements: Movement[] };
  const charges = movements.filter(({ reference }) => reference === invoiceNumber);
  const ids = new Set(charges.map(({ id }) => id));
  return [...charges, ...movements.filter(({ charge_id }) => charge_id !== undefined && ids.has(charge_id))];
}

import { withConnection } from './database.ts';
import { errorCode } from './refusal.ts';

/** Where an aggregate can be. A database belongs to one of the two, and says so in `banyan.side`. */
export const SIDES = ['monolith', 'service'] as const;
export type Side = (typeof SIDES)[number];
export type Owner = Side | 'nobody';

export const otherSide = (side: Side): Side => (side === 'monolith' ? 'service' : 'monolith');

/** What one database records of one aggregate. `copyId` is there while a copy holds it, and the owner is nobody. */
export type Ownership = {
  readonly owner: Owner;
  readonly epoch: bigint;
  readonly copyId: string | null;
};

export type DatabaseOwnership = {
  readonly side: Side;
  readonly aggregates: Readonly<Record<string, Ownership>>;
};

const UNDEFINED_TABLE = '42P01';

/** What a database says of itself, or null where ownership was never installed. */
export function ownershipOf(databaseUrl: string): Promise<DatabaseOwnership | null> {
  return withConnection('the database', databaseUrl, async (client) => {
    try {
      const { rows: sides } = await client.query<{ name: Side }>('SELECT name FROM banyan.side');
      if (sides[0] === undefined) return null;
      const { rows } = await client.query<{
        aggregate: string;
        owner: Owner;
        epoch: string;
        copy_id: string | null;
      }>('SELECT aggregate, owner, epoch, copy_id FROM banyan.own ORDER BY aggregate');
      const aggregates = rows.map(
        ({ aggregate, owner, epoch, copy_id }) =>
          [aggregate, { owner, epoch: BigInt(epoch), copyId: copy_id }] as const,
      );
      return { side: sides[0].name, aggregates: Object.fromEntries(aggregates) };
    } catch (error) {
      if (errorCode(error) === UNDEFINED_TABLE) return null;
      throw error;
    }
  });
}

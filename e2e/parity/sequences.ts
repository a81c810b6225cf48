import type pg from 'pg';

/** Where an aggregate's ids come from, in the database of whoever owns it. */
export type SequenceSource = { readonly pool: pg.Pool; readonly schema: string };

const SEQUENCES = {
  booking: ['bookings_id_seq', 'passengers_id_seq'],
  billing: ['invoices_id_seq', 'payments_id_seq', 'refunds_id_seq', 'statements_id_seq'],
} as const;
export type Aggregate = keyof typeof SEQUENCES;

/**
 * Has the direct world allot the ids that the other is about to allot. A refused request may use up an id on one side
 * and none on the other, so this is done before every write; then ids, references, invoice numbers, tags and
 * addresses are equal, and nothing of them need be left out of the comparison.
 */
export async function alignSequences(
  direct: pg.Pool,
  owners: Readonly<Record<Aggregate, SequenceSource>>,
): Promise<void> {
  await Promise.all(
    Object.entries(SEQUENCES).flatMap(([aggregate, names]) => {
      const { pool, schema } = owners[aggregate as Aggregate];
      return names.map(async (name) => {
        const { rows } = await pool.query<{ last: string; called: boolean; step: string }>(
          `SELECT last_value AS last, is_called AS called,
                  (SELECT seqincrement FROM pg_sequence WHERE seqrelid = '${schema}.${name}'::regclass) AS step
           FROM ${schema}.${name}`,
        );
        const [{ last, called, step } = { last: '1', called: false, step: '1' }] = rows;
        await direct.query(`ALTER SEQUENCE ${name} INCREMENT BY ${BigInt(step)} MINVALUE 1`);
        await direct.query('SELECT setval($1::regclass, $2, $3)', [name, last, called]);
      });
    }),
  );
}

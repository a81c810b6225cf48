import pg from 'pg';

/**
 * Adds invoices to a seeded monolith until there are so many, each with a booking and two lines: a long export is
 * then no matter of what the seed has.
 */
export async function fillWithInvoices(url: string, count: number): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('BEGIN');
    await client.query(
      `CREATE TEMPORARY TABLE made ON COMMIT DROP AS
       SELECT nextval('bookings_id_seq') AS booking_id, nextval('invoices_id_seq') AS invoice_id, n
       FROM generate_series(1, $1::int - (SELECT count(*) FROM invoices)::int) AS n`,
      [count],
    );
    await client.query(
      `INSERT INTO bookings (id, account_id, flight_id, fare_class, status, contact_email, base_amount, tax_amount,
                             total_amount, currency, created_at, updated_at)
       SELECT booking_id, 1 + n % 2, (SELECT min(id) FROM flights), 'CLASSIC', 'CANCELLED', 'bench@example.com', 800, 96,
              896, 'EUR', at, at
       FROM made, LATERAL (SELECT timestamp '2026-01-01' + n * interval '4 minutes' AS at) AS times`,
    );
    await client.query(
      `INSERT INTO invoices (id, booking_id, account_id, status, bill_to, currency, net, tax, total, ledger_ref, issued_at,
                             due_at, updated_at)
       SELECT invoice_id, booking_id, 1 + n % 2, 'VOID', 'Zoë Müller', 'EUR', 800, 96, 896,
              9100000000000000000 + booking_id, at, at + interval '30 minutes', at
       FROM made, LATERAL (SELECT timestamptz '2026-01-01 00:00Z' + n * interval '4 minutes' AS at) AS times`,
    );
    await client.query(
      `INSERT INTO invoice_lines (invoice_id, position, description, quantity, unit_amount, amount)
       SELECT invoice_id, position, 'CLASSIC fare, adult', 1, 400, 400 FROM made, generate_series(1, 2) AS position`,
    );
    await client.query('COMMIT');
    await client.query('ANALYZE');
  } finally {
    await client.end();
  }
}

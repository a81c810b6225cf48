import type { Findings } from '../differential/step.ts';

/** Runs on both worlds' databases alike, and gives what the direct one says. */
export type Sql = (text: string, values?: unknown[]) => Promise<Record<string, unknown>[]>;

const FLIGHT = `
  INSERT INTO flights (number, origin, destination, departs_at, arrives_at, aircraft, status, base_fare, gate,
                       updated_at)
  SELECT $1, min(code), max(code), $2::timestamp, $2::timestamp + interval '2 hours', $3, $4, $5, $6,
         '2026-11-22 11:00:00'
  FROM airports RETURNING id, origin, destination`;

type Flight = { aircraft?: string; status?: string; fare?: string; gate?: string | null };

const BOOKING = `
  WITH b AS (
    INSERT INTO bookings (account_id, flight_id, fare_class, status, contact_email, contact_phone, note, base_amount,
                          tax_amount, total_amount, currency, hold_expires_at, created_at, updated_at, version)
    VALUES ($1, $2, $3, $4, 'reise@bücher.example', $5, $6, $7::numeric - 1, 1, $7, 'EUR',
            CASE WHEN $4 = 'HELD' THEN '2026-11-22 12:29:59'::timestamp END, '2026-11-21 23:59:59',
            '2026-11-22 00:00:00', 7)
    RETURNING id),
  p AS (
    INSERT INTO passengers (booking_id, position, title, first_name, last_name, infant, special_assistance,
                            frequent_flyer_no)
    SELECT b.id, each.* FROM b, (VALUES (1, 'DR', 'Ngũgĩ', 'wa Thiong''o', 'N', 'Y', 'ABCDE12345'),
                                        (2, NULL, '王', '小明, "Ming"', 'Y', 'N', NULL)) AS each
    RETURNING id, booking_id, position),
  i AS (
    INSERT INTO invoices (booking_id, account_id, status, bill_to, currency, net, tax, total, paid, refunded,
                          ledger_ref, issued_at, due_at, paid_at, updated_at)
    SELECT b.id, $1, $8, 'Αθηνά; "O''Brien", Ltd', 'EUR', $7::numeric - 1, 1, $7,
           CASE WHEN $8 IN ('OPEN', 'VOID') THEN 0 ELSE $7::numeric END, 0, $9, '2026-10-31T23:59:59.999Z',
           '2026-11-01T00:29:59.999Z', CASE WHEN $8 IN ('OPEN', 'VOID') THEN NULL ELSE '2026-11-01T00:00:00Z'::timestamptz END,
           '2026-11-01T00:00:00.001Z'
    FROM b RETURNING id, booking_id),
  l AS (
    INSERT INTO invoice_lines (invoice_id, position, description, quantity, unit_amount, amount)
    SELECT i.id, 1, 'Saver ✈ “tariff”', 1, $7::numeric - 1, $7::numeric - 1 FROM i),
  y AS (
    INSERT INTO payments (invoice_id, idempotency_key, result, decline_reason, amount, currency, card_brand,
                          card_last4, acquirer_ref, created_at, updated_at)
    SELECT i.id, 'planted-' || i.id, 'APPROVED', NULL, $7, 'EUR', 'VISA', '0004', 'ch_planted' || i.id,
           '2026-11-01T00:00:00Z', '2026-11-01T00:00:00Z'
    FROM i WHERE $8 = 'PAID' RETURNING id, invoice_id)
  SELECT b.id AS booking, (SELECT id FROM i) AS invoice, (SELECT id FROM y) AS payment,
         (SELECT id FROM p WHERE position = 1) AS adult, (SELECT id FROM p WHERE position = 2) AS infant
  FROM b`;

type Planted = {
  flight: string;
  account: string;
  status: string;
  invoice?: 'OPEN' | 'PAID' | 'VOID';
  fareClass?: string;
  total?: string;
  phone?: string | null;
  note?: string | null;
  ledgerRef: string;
};

/**
 * What no client can bring about within a test: flights at every state, names and amounts at their limits, bookings
 * long over. Kept by name, for steps to call.
 */
export async function plant(sql: Sql, { values }: Findings): Promise<void> {
  await sql(`INSERT INTO aircraft_types VALUES ('TINY', 'Two seats', 1, 'AB')`);
  const flight = async (name: string, number: string, departsAt: string, more: Flight = {}) => {
    const { aircraft = 'A320', status = 'SCHEDULED', fare = '412.50', gate = null } = more;
    const [row] = await sql(FLIGHT, [number, departsAt, aircraft, status, fare, gate]);
    values.set(name, Number(row?.id));
    return row;
  };
  const open = await flight('flight', 'MA9001', '2026-12-01 10:00:00', { gate: 'B17' });
  values.set('from', String(open?.origin));
  values.set('to', String(open?.destination));
  values.set('date', '2026-12-01');
  await flight('closingFlight', 'MA9002', '2026-11-22 12:59:59');
  await flight('cancelledFlight', 'MA9003', '2026-12-01 11:00:00', { status: 'CANCELLED' });
  await flight('departedFlight', 'MA9004', '2026-11-22 10:00:00', { status: 'DEPARTED' });
  await flight('tinyFlight', 'MA9005', '2026-12-01 12:00:00', { aircraft: 'TINY', fare: '0.01' });
  await flight('dearFlight', 'MA9006', '2026-12-01 13:00:00', { aircraft: 'A359', fare: '99999999.99' });

  const booking = async (name: string, what: Planted) => {
    const { rows } = { rows: await sql(`SELECT id FROM accounts WHERE email = $1`, [what.account]) };
    const [row] = await sql(BOOKING, [
      rows[0]?.id,
      values.get(what.flight),
      what.fareClass ?? 'SAVER',
      what.status,
      what.phone ?? null,
      what.note ?? null,
      what.total ?? '100.00',
      what.invoice ?? 'OPEN',
      what.ledgerRef,
    ]);
    for (const [key, suffix] of Object.entries({ booking: '', invoice: 'Invoice', payment: 'Payment' })) {
      if (row?.[key]) values.set(`${name}${suffix}`, String(row[key]));
    }
    values.set(`${name}Adult`, String(row?.adult));
    values.set(`${name}Infant`, String(row?.infant));
  };
  const alice = { account: 'alice@example.com', flight: 'flight' };
  await booking('expired', {
    ...alice,
    status: 'EXPIRED',
    invoice: 'VOID',
    ledgerRef: '9223372036854775807',
  });
  await booking('flown', {
    ...alice,
    flight: 'departedFlight',
    status: 'CONFIRMED',
    invoice: 'PAID',
    total: '9999999999.99',
    ledgerRef: '9223372036854775806',
    phone: '+358 (0)9 "1, 2"',
    note: 'Zwei\nZeilen\tund 🛫, "so"; \\n',
  });
  await booking('classic', {
    ...alice,
    status: 'CONFIRMED',
    invoice: 'PAID',
    fareClass: 'CLASSIC',
    total: '1000.10',
    ledgerRef: '9007199254740995000',
  });
  await booking('overdue', { ...alice, status: 'HELD', ledgerRef: '1' });
}
